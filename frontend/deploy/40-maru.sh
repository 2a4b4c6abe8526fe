#!/bin/sh
# Runs before nginx. From MARU_SERVER_URL, the address at which browsers reach the gateway, it makes
#   config.json  where the page connects
#   policy.conf  the page's own policy with that address as the only one beside the page's, as a header
# in /tmp/maru: the rest of the file system may be read-only. A wrong address stops the start.
set -eu
out=${MARU_RENDER_TO:-/tmp/maru}
page=${MARU_PAGE:-/usr/share/nginx/html/index.html}

fail() {
    echo "maru: $1" >&2
    exit 1
}
wrong() {
    fail "MARU_SERVER_URL is \"$url\": $1"
}

url=${MARU_SERVER_URL-}
[ -n "$url" ] ||
    fail "MARU_SERVER_URL is not set: it is where browsers reach the gateway, such as https://socket.example.com"

# What it may consist of: nothing in it can end the JSON or the header that it is written into.
case $url in
*[!]A-Za-z0-9:/._~%[-]*) wrong "write it in ASCII (a name in Punycode), without query, user or spaces" ;;
esac
case $url in
*://*) ;;
*) wrong "it begins with http://, https://, ws:// or wss://" ;;
esac
scheme=$(printf %s "${url%%://*}" | tr '[:upper:]' '[:lower:]')
case $scheme in
http | ws) schemes="ws http" ;;
https | wss) schemes="wss https" ;;
*) wrong "it begins with http://, https://, ws:// or wss://" ;;
esac
rest=${url#*://}
authority=${rest%%/*}
path=${rest#"$authority"}
printf '%s\n' "$authority" | grep -Eq '^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$' ||
    wrong "there is no host, or no port, in \"$authority\""

# The gateway's address alone is enough; who gives the WebSocket's own is understood, too.
while [ "$path" != "${path%/}" ]; do path=${path%/}; done
case $path in
*/ws) ;;
*) path=$path/ws ;;
esac

policy=$(sed -n 's/.*content="\(default-src [^"]*\)".*/\1/p' "$page")
for directive in connect-src img-src media-src; do
    case $policy in
    *"$directive "*) ;;
    *) fail "there is no policy in $page: the image is not as it was built" ;;
    esac
done
sources="'self'"
for scheme in $schemes; do sources="$sources $scheme://$authority"; done
# Files come over HTTP from the same address.
files="${schemes##* }://$authority"
policy=$(printf %s "$policy" | sed \
    -e "s|connect-src [^;]*|connect-src $sources|" \
    -e "s|img-src [^;]*|img-src 'self' data: blob: $files|" \
    -e "s|media-src [^;]*|media-src $files|")

mkdir -p "$out"
printf '{ "server": "%s://%s%s" }\n' "${schemes%% *}" "$authority" "$path" >"$out/config.json"
# Whom the page may be framed by can't be said inside of it.
printf 'add_header Content-Security-Policy "%s; frame-ancestors '\''none'\''" always;\n' "$policy" \
    >"$out/policy.conf"
echo "maru: browsers are sent to ${schemes%% *}://$authority$path"
