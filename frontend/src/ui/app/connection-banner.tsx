import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { State } from "../../connection/connection";
import { useApp } from "../context/app-context";
import { doctorOf, Findings } from "../features/doctor/doctor";
import type { I18n } from "../i18n/i18n";
import { AnyIcon } from "../kit/more-icons";
import { Part } from "../context/part";
import { appText } from "./strings";
import { en } from "./strings.en";

/** A reload or a short restart shouldn't flash a banner. */
const GRACE_MS = 700;

function useOnline() {
  const online = useSignal(navigator.onLine);
  useEffect(() => {
    const update = () => {
      online.value = navigator.onLine;
    };
    addEventListener("online", update);
    addEventListener("offline", update);
    return () => {
      removeEventListener("online", update);
      removeEventListener("offline", update);
    };
  }, []);
  return online;
}

/** Whole seconds until a time, counting down. */
function useSecondsUntil(at: number | null): number {
  const now = useSignal(Date.now());
  useEffect(() => {
    if (at === null) return undefined;
    now.value = Date.now();
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 250);
    return () => clearInterval(timer);
  }, [at]);
  return at === null ? 0 : Math.max(0, Math.ceil((at - now.value) / 1_000));
}

/** Why there won't be another try. */
export function stoppedText(i18n: I18n, state: Extract<State, { is: "stopped" }>): string {
  const t = appText(i18n);
  const key = `connection.stopped.${state.why}`;
  const reason = state.message === "" ? state.why : state.message;
  return t(Object.hasOwn(en, key) ? (key as keyof typeof en) : "connection.stopped", {
    reason,
  });
}

/** Says what is wrong with the connection, and what a person can do about it. */
export function ConnectionBanner() {
  const app = useApp();
  const { client, i18n } = app;
  const doctor = doctorOf(app);
  const t = appText(i18n);
  const state = client.state.value;
  const online = useOnline();
  const late = useSignal(false);
  useSignalEffect(() => {
    const { is } = client.state.value;
    if (is === "open" || is === "idle") {
      late.value = false;
      return undefined;
    }
    const timer = setTimeout(() => {
      late.value = true;
    }, GRACE_MS);
    return () => clearTimeout(timer);
  });
  const seconds = useSecondsUntil(state.is === "waiting" ? state.retryAt : null);

  const silent = state.is === "open" && state.silent === true;
  const shown =
    silent || state.is === "stopped" || (state.is !== "open" && state.is !== "idle" && late.value);
  const kind = !online.value && shown ? "offline" : silent ? "silent" : state.is;
  let text: string;
  if (!shown) text = "";
  else if (kind === "offline") text = t("connection.offline");
  else if (silent) text = t("connection.silent");
  else if (state.is === "stopped") text = stoppedText(i18n, state);
  else if (state.is === "waiting" && seconds > 0)
    text = t("connection.waiting", { count: seconds });
  else text = t("connection.connecting");

  return (
    <div class="banner" data-testid="connection-banner" data-state={kind} hidden={!shown}>
      <AnyIcon name={kind === "offline" ? "offline" : "alert"} />
      {/* The countdown would be read out every second: screen readers hear the change of state. */}
      <p aria-live="off">{text}</p>
      <span class="visually-hidden" role="status">
        {shown ? t(state.is === "stopped" ? "connection.none" : "connection.connecting") : ""}
      </span>
      {state.is === "waiting" && (
        <button type="button" class="button small" onClick={() => client.retryNow()}>
          {t("connection.retry")}
        </button>
      )}
      {state.is === "stopped" && (
        <button type="button" class="button small" onClick={() => location.reload()}>
          {t("connection.reload")}
        </button>
      )}
      {shown && doctor.finding.value !== null && (
        <Part part={Findings} props={{ finding: doctor.finding.value }} quiet />
      )}
    </div>
  );
}
