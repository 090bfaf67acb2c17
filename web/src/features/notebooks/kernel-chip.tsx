// The kernel: which one, how it is, and what can be done to it.

import { useQuery } from "@tanstack/react-query";
import { Circle, CircleDot, CircleX, LoaderCircle, type LucideIcon, Power, RotateCcw, Square } from "lucide-react";
import { Button } from "@/shared/ui/button";
import { Menu, type MenuPart } from "@/shared/ui/menu";
import { useOpen } from "./context";
import type { KernelState } from "./model/document";
import { useKernelState } from "./model/store";
import { kernelSpecsQuery } from "./queries";

const looks: Record<KernelState["state"], { word: string; icon: LucideIcon; colour: string; spins?: boolean }> = {
  none: { word: "not started", icon: Circle, colour: "text-muted" },
  starting: { word: "starting", icon: LoaderCircle, colour: "text-starting", spins: true },
  idle: { word: "idle", icon: CircleDot, colour: "text-completed" },
  busy: { word: "busy", icon: LoaderCircle, colour: "text-running", spins: true },
  restarting: { word: "restarting", icon: LoaderCircle, colour: "text-starting", spins: true },
  dead: { word: "dead", icon: CircleX, colour: "text-failed" },
};

export function KernelChip({ onRestart }: { onRestart: () => void }) {
  const { project, session, commands, mayRun } = useOpen();
  const kernel = useKernelState(session.store);
  const specs = useQuery({ ...kernelSpecsQuery(project.name), enabled: mayRun }).data ?? [];
  const look = looks[kernel.state] ?? looks.none;
  const name = kernel.display_name || kernel.name || "Kernel";
  const alive = kernel.state !== "none" && kernel.state !== "dead";
  const label = (
    <>
      <look.icon aria-hidden className={`size-4 ${look.colour} ${look.spins ? "animate-spin" : ""}`} />
      <span className="max-w-40 truncate">{name}</span>
      <span className="text-muted">{look.word}</span>
    </>
  );
  if (!mayRun) {
    return (
      <span className="inline-flex items-center gap-1.5 px-2 text-sm" data-kernel={kernel.state} title={kernel.reason}>
        {label}
      </span>
    );
  }
  const items: MenuPart[] = [
    {
      id: "interrupt",
      label: "Interrupt",
      icon: Square,
      keys: "i i",
      disabled: !alive,
      run: () => void commands.interrupt(),
    },
    {
      id: "restart",
      label: "Restart…",
      icon: RotateCcw,
      keys: "0 0",
      disabled: kernel.state === "none",
      run: onRestart,
    },
    { id: "shutdown", label: "Shut down", icon: Power, disabled: !alive, run: () => void commands.shutdown() },
    ...(specs.length > 0 ? (["line", { heading: alive ? "Change to" : "Start" }] as const) : []),
    ...specs.map((spec) => ({
      id: `spec ${spec.name}`,
      label: spec.display_name,
      about: spec.language,
      checked: kernel.name === spec.name,
      run: () => void commands.startKernel(spec.name),
    })),
  ];
  return (
    <Menu
      align="end"
      trigger={
        <Button
          look="quiet"
          className="px-2! gap-1.5!"
          data-kernel={kernel.state}
          title={kernel.reason ?? "The kernel of this notebook"}
        >
          {label}
        </Button>
      }
      items={items}
    />
  );
}
