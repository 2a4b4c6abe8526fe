import { useApp } from "../../context/app-context";
import { translated } from "../../i18n/i18n";
import { en } from "./strings.en";
import { ko } from "./strings.ko";
import type { Diagnosis } from "./doctor";
import { infoAddress } from "./probe";

const doctorText = translated({ ko, en });

/** Why there is no connection, and who can do what about it. */
export function Findings({ finding }: { finding: Diagnosis }) {
  const { i18n } = useApp();
  const t = doctorText(i18n);
  const { cause, evidence } = finding;
  const { server, page, info, socket } = evidence;
  const params = {
    server: server.href,
    host: server.host,
    origin: page.origin,
    secure: server.href.replace(/^ws:/, "wss:"),
    status: info.is === "other" ? String(info.status) : "",
    protocol: info.is === "maru" ? info.protocol : "",
  };
  return (
    <div class="findings" data-testid="findings" data-cause={cause}>
      <p>{t(`doctor.${cause}`, params)}</p>
      <details data-testid="findings-details">
        <summary>{t("doctor.details")}</summary>
        <p>{t(`doctor.${cause}.advice`, params)}</p>
        <dl>
          <dt>{t("doctor.fact.server")}</dt>
          <dd>
            <code>{server.href}</code>
          </dd>
          <dt>{t("doctor.fact.page")}</dt>
          <dd>
            <code>{page.origin}</code>
          </dd>
          <dt>
            <code>{infoAddress(server, page).pathname}</code>
          </dt>
          <dd>{t(`doctor.info.${info.is}`, params)}</dd>
          <dt>WebSocket</dt>
          <dd>{t(`doctor.socket.${socket}`)}</dd>
        </dl>
      </details>
    </div>
  );
}
