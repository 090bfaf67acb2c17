import { type FormEvent, useState } from "react";
import { api, body } from "@/shared/api/client";
import { Problem, sentence } from "@/shared/api/problem";
import { Button } from "@/shared/ui/button";
import { Field } from "@/shared/ui/field";

interface Props {
  /** The name is known when a session ended in the middle of work. */
  name?: string;
  onSignedIn: () => void;
}

/** Name and password. A wrong one keeps the name and asks for the password again. */
export function SignInForm({ name, onSignedIn }: Props) {
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    setBusy(true);
    try {
      const user = name ?? String(data.get("username"));
      await body(api.POST("/api/auth/login", { body: { user, password: String(data.get("password")) } }));
      onSignedIn();
    } catch (failure) {
      setError(sentence(failure));
      setBusy(false);
      // Only when the password was refused: a server that is away says nothing about it.
      if (failure instanceof Problem && failure.status === 401) {
        const password = form.elements.namedItem("password") as HTMLInputElement;
        password.value = "";
        password.focus();
      }
    }
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      {name === undefined ? (
        <Field label="Name" name="username" autoComplete="username" autoFocus required autoCapitalize="none" />
      ) : (
        <input type="hidden" name="username" autoComplete="username" value={name} />
      )}
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        autoFocus={name !== undefined}
        required
      />
      <p role="alert" className="min-h-6 text-sm text-danger">
        {error}
      </p>
      <Button type="submit" look="primary" busy={busy} className="w-full">
        Sign in
      </Button>
    </form>
  );
}
