import { type FormEvent, useState } from "react";
import { api, body } from "@/shared/api/client";
import { Problem, sentence } from "@/shared/api/problem";
import { Button } from "@/shared/ui/button";
import { Field } from "@/shared/ui/field";

/** The first administrator of a fresh installation; the token comes with the link that the server printed. */
export function SetUpForm({ token, onSignedIn }: { token: string; onSignedIn: () => void }) {
  const [problem, setProblem] = useState<unknown>();
  const [repeated, setRepeated] = useState<string>();
  const [busy, setBusy] = useState(false);
  const fields = problem instanceof Problem ? problem.fields : [];
  const fieldError = (name: string) => fields.find(({ path }) => path === `/${name}`)?.message;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name));
    if (text("password") !== text("again")) {
      setRepeated("The two passwords differ.");
      return;
    }
    setRepeated(undefined);
    setBusy(true);
    try {
      const account = { token: token || text("token"), name: text("username"), password: text("password") };
      await body(api.POST("/api/setup", { body: account }));
      // The token is spent; it should not stay in the address bar.
      history.replaceState(null, "", document.baseURI);
      onSignedIn();
    } catch (failure) {
      setProblem(failure);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-sm text-muted">Nobody can sign in yet. Make the first administrator.</p>
      {!token && (
        <Field
          label="Set-up token"
          name="token"
          required
          autoComplete="off"
          hint="It stands in the link that the server printed when it first started."
          error={fieldError("token")}
        />
      )}
      <Field label="Name" name="username" autoComplete="username" required autoFocus error={fieldError("name")} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={8}
        required
        hint="At least 8 characters."
        error={fieldError("password")}
      />
      <Field
        label="Password again"
        name="again"
        type="password"
        autoComplete="new-password"
        required
        error={repeated}
      />
      <p role="alert" className="min-h-6 text-sm text-danger">
        {problem !== undefined && sentence(problem)}
      </p>
      <Button type="submit" look="primary" busy={busy} className="w-full">
        Make administrator and sign in
      </Button>
    </form>
  );
}
