import { useState } from "preact/hooks";
import { MAX_DESCRIPTION_CHARS, MAX_TOPIC_CHARS } from "../../../protocol/generated";
import { characters } from "../../../protocol/rules";
import { checkDescription, checkTopic } from "../../../protocol/topic-rules";
import { aboutWith } from "../../../store/overlay";
import type { Room } from "../../../store/room";
import { useApp } from "../../context/app-context";
import { Dialog } from "../../kit/dialog";
import { headerText } from "./strings";

/** The counter shows when this much is used. */
const NEAR = 0.8;

/** The room's topic and description, to read and to change. */
export function AboutDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { client, i18n } = useApp();
  const t = headerText(i18n);
  const mine = client.outbox.changes.value.filter((change) => change.roomKey === room.key);
  const before = aboutWith(room.about.now.value, mine);
  const [topic, setTopic] = useState(before.topic);
  const [description, setDescription] = useState(before.description);
  const [problem, setProblem] = useState<string | null>(null);
  const title = t("about.title", { room: room.name.value });
  const submit = (event: Event) => {
    event.preventDefault();
    const line = checkTopic(topic);
    const lines = checkDescription(description);
    if (!line.ok || !lines.ok) {
      const rule = line.ok ? (lines.ok ? "" : lines.rule) : line.rule;
      // Too long: the counter says so.
      if (rule === "forbidden") setProblem(t("about.forbidden"));
      return;
    }
    onClose();
    if (line.value === before.topic && lines.value === before.description) return;
    client.change(room, { kind: "topic", topic: line.value, description: lines.value });
  };
  return (
    <Dialog class="dialog" label={title} testid="about-dialog" onClose={onClose}>
      <h1>{title}</h1>
      <p class="lead">{t("about.lead")}</p>
      <form onSubmit={submit} noValidate>
        <label for="about-topic">{t("about.topic")}</label>
        <input
          dir="auto"
          id="about-topic"
          data-autofocus
          data-testid="about-topic"
          type="text"
          autocomplete="off"
          placeholder={t("about.topic.placeholder")}
          value={topic}
          aria-describedby="about-topic-left"
          onInput={(event) => {
            setTopic(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <Left id="about-topic-left" text={topic} most={MAX_TOPIC_CHARS} />
        <label for="about-description">{t("about.description")}</label>
        <textarea
          dir="auto"
          id="about-description"
          data-testid="about-description"
          rows={5}
          placeholder={t("about.description.placeholder")}
          value={description}
          aria-describedby="about-description-left"
          onInput={(event) => {
            setDescription(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <Left id="about-description-left" text={description} most={MAX_DESCRIPTION_CHARS} />
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            {t("about.cancel")}
          </button>
          <button type="submit" class="button primary" data-testid="about-submit">
            {t("about.submit")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Left({ id, text, most }: { id: string; text: string; most: number }) {
  const { t } = useApp().i18n;
  const left = most - characters(text);
  return (
    <p id={id} class="chars-left" data-over={left < 0} aria-live="polite">
      {left < most * (1 - NEAR) &&
        (left >= 0 ? t("composer.left", { count: left }) : t("composer.over", { count: -left }))}
    </p>
  );
}
