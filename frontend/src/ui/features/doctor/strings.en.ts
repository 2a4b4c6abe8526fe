import type { Strings } from "../../i18n/i18n";

export const en = {
  "doctor.details": "Details",
  "doctor.offline": "This device has no network.",
  "doctor.offline.advice":
    "Look at the cable or the wireless network. The page connects by itself as soon as there is one.",
  "doctor.mixed": "This page came over https and may not connect to a server without encryption.",
  "doctor.mixed.advice":
    "Whoever runs this site: serve the chat server over TLS and write its address into config.json beside the page: {secure}",
  "doctor.policy": "This page's own security policy forbids the server's address.",
  "doctor.policy.advice":
    "Whoever runs this site: the header Content-Security-Policy must name {host} in connect-src, as config.json does.",
  "doctor.silent": "Nothing answers at {host}.",
  "doctor.silent.advice":
    "Either the chat server is down, or the address is wrong, or a firewall or an invalid certificate is in between. Whoever runs this site: the address is in config.json beside the page; opening it with /healthz at its end must say ok.",
  "doctor.slow": "The server at {host} takes too long to answer.",
  "doctor.slow.advice":
    "The network or the server is very slow at the moment. The page goes on trying by itself.",
  "doctor.foreign": "What answers at {host} is not a Maru server.",
  "doctor.foreign.advice":
    "Whoever runs this site: config.json beside the page names this address. It must be the one of the chat server (8080 unless set otherwise), and a proxy must pass /ws and /api to it.",
  "doctor.masked": "Something answers at {host}, and it is not Maru.",
  "doctor.masked.advice":
    "Either a gateway is there without its server, or the address leads elsewhere. Whoever runs this site: see whether the server runs, and whether config.json beside the page names its address.",
  "doctor.gateway":
    "The gateway at {host} answers, but no chat server behind it (status {status}).",
  "doctor.gateway.advice":
    "The chat server is down or restarting. If it stays so, whoever runs this site should look at the server's log.",
  "doctor.version": "The server speaks {protocol}, which this page doesn't.",
  "doctor.version.advice":
    "Reload the page. If that doesn't help, whoever runs this site should deploy the page and the server of one version.",
  "doctor.origin": "The server doesn't let pages from {origin} connect.",
  "doctor.origin.advice":
    "Whoever runs the server: add {origin} to http.allowed_origins (MARU_HTTP__ALLOWED_ORIGINS) and restart it.",
  "doctor.stopping": "The server is restarting.",
  "doctor.stopping.advice": "The page connects by itself as soon as it is back.",
  "doctor.full": "The server holds as many connections as it can.",
  "doctor.full.advice":
    "The page gets in when somebody leaves. Whoever runs the server: raise http.max_connections, or add a server.",
  "doctor.path": "There is a Maru server, but no WebSocket at {server}.",
  "doctor.path.advice":
    "Whoever runs this site: the address in config.json beside the page must end in /ws.",
  "doctor.upgrade":
    "The server answers, but its WebSocket doesn't get through: something in between drops it.",
  "doctor.upgrade.advice":
    "Whoever runs the proxy in front of the server: pass the headers Upgrade and Connection on to /ws, over HTTP/1.1. In a company's network it can also be a filter: ask for WebSockets to {host} to be let through.",
  "doctor.passing": "The server answers again.",
  "doctor.passing.advice": "The next try should get through.",
  "doctor.fact.server": "Server",
  "doctor.fact.page": "This page",
  "doctor.info.maru": "Maru answers ({protocol})",
  "doctor.info.other": "something else answers (status {status})",
  "doctor.info.unreadable": "something else answers",
  "doctor.info.silent": "no answer",
  "doctor.info.slow": "no answer within 5 seconds",
  "doctor.info.skipped": "not asked",
  "doctor.socket.opened": "opens",
  "doctor.socket.refused": "is refused",
  "doctor.socket.slow": "doesn't open within 5 seconds",
  "doctor.socket.skipped": "not tried",
} as const satisfies Strings;
