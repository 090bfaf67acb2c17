import { type ReactNode, useEffect, useId, useRef } from "react";

interface Props {
  title: string;
  children: ReactNode;
  /** For more than a form. */
  wide?: boolean;
  /** Absent when it can't be dismissed. */
  onClose?: () => void;
}

/** The browser's modal dialog: it keeps the focus inside and gives it back, without a library. */
export function Dialog({ title, children, wide = false, onClose }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      className={`card m-auto ${wide ? "w-[46rem]" : "w-[28rem]"} max-w-[calc(100vw-2rem)] p-5 text-ink shadow-xl`}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <h2 id={id} className="mb-3">
        {title}
      </h2>
      {children}
    </dialog>
  );
}
