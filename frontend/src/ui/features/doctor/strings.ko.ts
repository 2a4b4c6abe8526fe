import type { Strings } from "../../i18n/i18n";
import type { en } from "./strings.en";

export const ko: Strings<keyof typeof en> = {
  "doctor.details": "자세히",
  "doctor.offline": "이 기기가 네트워크에 연결되어 있지 않아요.",
  "doctor.offline.advice":
    "케이블이나 무선 네트워크를 확인해 주세요. 연결되면 페이지가 알아서 이어져요.",
  "doctor.mixed": "https로 연 페이지에서는 암호화되지 않은 서버에 연결할 수 없어요.",
  "doctor.mixed.advice":
    "사이트 운영자라면: 채팅 서버를 TLS로 제공하고 페이지 옆의 config.json에 이 주소를 적어 주세요: {secure}",
  "doctor.policy": "이 페이지의 보안 정책이 서버 주소를 막고 있어요.",
  "doctor.policy.advice":
    "사이트 운영자라면: Content-Security-Policy 헤더의 connect-src에 config.json에 적힌 주소를 넣어 주세요: {host}",
  "doctor.silent": "서버 주소에서 아무 응답이 없어요: {host}",
  "doctor.silent.advice":
    "채팅 서버가 꺼졌거나, 주소가 틀렸거나, 방화벽이나 잘못된 인증서가 막고 있을 수 있어요. 사이트 운영자라면: 주소는 페이지 옆의 config.json에 있어요. 그 주소 끝에 /healthz를 붙여 열면 ok가 보여야 해요.",
  "doctor.slow": "서버의 응답이 너무 늦어요: {host}",
  "doctor.slow.advice": "지금 네트워크나 서버가 아주 느려요. 페이지가 계속 다시 시도해요.",
  "doctor.foreign": "이 주소에서 응답하는 것은 마루 서버가 아니에요: {host}",
  "doctor.foreign.advice":
    "사이트 운영자라면: 페이지 옆의 config.json에 이 주소가 적혀 있어요. 채팅 서버의 주소(따로 정하지 않았다면 8080번 포트)를 적고, 프록시는 /ws와 /api를 서버로 넘겨야 해요.",
  "doctor.masked": "응답은 오지만 마루 서버의 응답이 아니에요: {host}",
  "doctor.masked.advice":
    "게이트웨이만 살아 있고 서버가 꺼졌거나, 주소가 다른 곳을 가리키고 있어요. 사이트 운영자라면: 서버가 켜져 있는지, 페이지 옆의 config.json에 적힌 주소가 맞는지 확인해 주세요.",
  "doctor.gateway": "게이트웨이는 응답하지만 그 뒤에 채팅 서버가 없어요: {host} (상태 {status})",
  "doctor.gateway.advice":
    "채팅 서버가 꺼졌거나 다시 시작하고 있어요. 계속 그렇다면 사이트 운영자가 서버 로그를 확인해야 해요.",
  "doctor.version": "서버가 이 페이지와 다른 버전을 써요: {protocol}",
  "doctor.version.advice":
    "페이지를 새로고침해 주세요. 그래도 안 되면 사이트 운영자가 페이지와 서버를 같은 버전으로 배포해야 해요.",
  "doctor.origin": "서버가 이 페이지의 주소를 허용하지 않아요: {origin}",
  "doctor.origin.advice":
    "서버 운영자라면: http.allowed_origins 설정(MARU_HTTP__ALLOWED_ORIGINS)에 이 주소를 더하고 서버를 다시 시작해 주세요: {origin}",
  "doctor.stopping": "서버가 다시 시작하고 있어요.",
  "doctor.stopping.advice": "서버가 돌아오면 페이지가 알아서 이어져요.",
  "doctor.full": "서버가 받을 수 있는 만큼 연결이 꽉 찼어요.",
  "doctor.full.advice":
    "누군가 나가면 들어갈 수 있어요. 서버 운영자라면: http.max_connections 값을 올리거나 서버를 늘려 주세요.",
  "doctor.path": "마루 서버는 있지만 이 주소에 웹소켓이 없어요: {server}",
  "doctor.path.advice":
    "사이트 운영자라면: 페이지 옆의 config.json에 적힌 주소가 /ws로 끝나야 해요.",
  "doctor.upgrade": "서버는 응답하지만 중간에서 웹소켓이 끊겨요.",
  "doctor.upgrade.advice":
    "서버 앞의 프록시를 운영한다면: /ws에 HTTP/1.1로 Upgrade와 Connection 헤더를 그대로 넘겨 주세요. 회사 네트워크라면 필터 때문일 수 있으니 이 주소의 웹소켓을 허용해 달라고 요청해 주세요: {host}",
  "doctor.passing": "서버가 다시 응답해요.",
  "doctor.passing.advice": "다음 시도에 연결될 거예요.",
  "doctor.fact.server": "서버",
  "doctor.fact.page": "이 페이지",
  "doctor.info.maru": "마루 서버가 응답해요({protocol})",
  "doctor.info.other": "다른 것이 응답해요(상태 {status})",
  "doctor.info.unreadable": "다른 것이 응답해요",
  "doctor.info.silent": "응답이 없어요",
  "doctor.info.slow": "5초 안에 응답이 없어요",
  "doctor.info.skipped": "물어보지 않았어요",
  "doctor.socket.opened": "열려요",
  "doctor.socket.refused": "거절돼요",
  "doctor.socket.slow": "5초 안에 열리지 않아요",
  "doctor.socket.skipped": "시도하지 않았어요",
};
