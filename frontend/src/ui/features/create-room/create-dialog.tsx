import { useState } from "preact/hooks";
import { checkRoomName } from "../../../protocol/name-rules";
import { createRoom } from "../../../sync/queries";
import { useApp } from "../../context/app-context";
import { translated } from "../../i18n/i18n";
import { en } from "./strings.en";
import { ko } from "./strings.ko";
import { sentence } from "../../i18n/errors/sentence";
import { Dialog } from "../../kit/dialog";

const createRoomText = translated({ ko, en });

export function CreateDialog() {
  const { client, i18n, surfaces, router } = useApp();
  const t = createRoomText(i18n);
  const [draft, setDraft] = useState(surfaces.draftRoom.value);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    const checked = checkRoomName(draft);
    if (!checked.ok) {
      setProblem(t(`create.${checked.rule}`));
      return;
    }
    setBusy(true);
    createRoom(client, checked.value, (failure) => {
      setBusy(false);
      if (failure !== null) {
        setProblem(sentence(i18n, failure));
        return;
      }
      surfaces.close();
      router.open(checked.value);
    });
  };
  return (
    <Dialog
      class="dialog"
      label={t("create.title")}
      testid="create-dialog"
      onClose={() => surfaces.close()}
    >
      <h1>{t("create.title")}</h1>
      <p class="lead">{t("create.lead")}</p>
      <form onSubmit={submit} noValidate>
        <label for="create-input">{t("create.label")}</label>
        <input
          dir="auto"
          id="create-input"
          data-autofocus
          data-testid="create-input"
          type="text"
          autocomplete="off"
          placeholder={t("create.placeholder")}
          value={draft}
          aria-invalid={problem !== null}
          aria-describedby="create-problem"
          onInput={(event) => {
            setDraft(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <p id="create-problem" class="problem" role="alert" data-testid="create-problem">
          {problem}
        </p>
        <div class="buttons">
          <button type="button" class="button" onClick={() => surfaces.close()}>
            {t("create.cancel")}
          </button>
          <button type="submit" class="button primary" data-testid="create-submit" disabled={busy}>
            {t("create.submit")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
