import { useRef, useState } from "preact/hooks";
import { checkDisplayName } from "../../protocol/name-rules";
import { useApp } from "../context/app-context";
import { doctorOf, Findings } from "../features/doctor/doctor";
import { sentence } from "../i18n/errors/sentence";
import { Avatar } from "../kit/avatar";
import { Dialog } from "../kit/dialog";
import { Logo } from "../kit/icons";
import { Part } from "../context/part";
import { stoppedText } from "./connection-banner";
import { appText } from "./strings";
import type { en } from "./strings.en";

/** "Name yourself": on the first visit without a way around it, later to rename. */
export function NameDialog({ rename }: { rename: boolean }) {
  const app = useApp();
  const { client, i18n, surfaces } = app;
  const doctor = doctorOf(app);
  const t = appText(i18n);
  const me = client.identity.user.value;
  const [local, setLocal] = useState<string | null>(null);
  const [draft, setDraft] = useState(rename ? (me?.name ?? "") : "");
  const asked = useRef(false);
  const unreachable = useRef(false);

  const busy = client.naming.value;
  const refusal = client.nameProblem.value;
  const state = client.state.value;
  // The banner lies behind the dialog. What it says stays while the next try is under way.
  if (state.is === "waiting") unreachable.current = true;
  else if (state.is !== "connecting") unreachable.current = false;
  const lost = busy && unreachable.current;
  let problem = local;
  if (problem === null && refusal !== null) problem = sentence(i18n, refusal);
  if (problem === null && lost) problem = t("name.unreachable");
  if (problem === null && state.is === "stopped") problem = stoppedText(i18n, state);
  if (rename && asked.current && !busy && refusal === null) {
    asked.current = false;
    queueMicrotask(() => surfaces.close());
  }

  let label: keyof typeof en = rename ? "name.rename.submit" : "name.submit";
  if (busy) label = lost ? "connection.retry" : "name.waiting";

  const submit = (event: Event) => {
    event.preventDefault();
    const checked = checkDisplayName(draft);
    if (!checked.ok) {
      setLocal(t(`name.${checked.rule}`));
      return;
    }
    setLocal(null);
    asked.current = true;
    client.setName(checked.value);
  };
  const close = rename ? { onClose: () => surfaces.close() } : {};

  return (
    <Dialog
      class="dialog name-dialog"
      label={t(rename ? "name.rename.title" : "name.title")}
      testid="name-dialog"
      {...close}
    >
      {rename && me !== null ? (
        <Avatar user={{ id: me.id, name: draft.trim() === "" ? me.name : draft }} />
      ) : (
        <div class="brand">
          <Logo />
          <div>
            <strong>Maru</strong>
            <span>{t("app.tagline")}</span>
          </div>
        </div>
      )}
      <h1>{t(rename ? "name.rename.title" : "name.title")}</h1>
      <p class="lead">{t(rename ? "name.rename.lead" : "name.lead")}</p>
      <form onSubmit={submit} noValidate>
        <label for="name-input">{t("name.label")}</label>
        <input
          dir="auto"
          id="name-input"
          data-autofocus
          data-testid="name-input"
          type="text"
          autocomplete="nickname"
          placeholder={t("name.placeholder")}
          value={draft}
          aria-invalid={problem !== null}
          aria-describedby="name-problem"
          onInput={(event) => {
            setDraft(event.currentTarget.value);
            setLocal(null);
            client.nameProblem.value = null;
          }}
        />
        <p id="name-problem" class="problem" role="alert" data-testid="name-problem">
          {problem}
        </p>
        {busy && doctor.finding.value !== null && (
          <Part part={Findings} props={{ finding: doctor.finding.value }} quiet />
        )}
        <div class="buttons">
          {rename && (
            <button type="button" class="button" onClick={() => surfaces.close()}>
              {t("name.cancel")}
            </button>
          )}
          <button
            type="submit"
            class="button primary"
            data-testid="name-submit"
            disabled={busy && !lost}
          >
            {t(label)}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
