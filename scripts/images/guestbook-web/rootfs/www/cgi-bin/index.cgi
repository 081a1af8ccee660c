#!/bin/sh
# The page: asks the API, and shows the counter, who answered, and the last guests.
answer=$(curl -fsS --max-time 4 "${API_URL:-http://api}/cgi-bin/visit?$QUERY_STRING" 2>&1) || {
  printf 'Status: 502 Bad Gateway\r\nContent-Type: text/plain\r\n\r\nthe API does not answer: %s\n' "$answer"
  exit
}
# field NAME: one member of the API's answer.
field() { printf '%s' "$answer" | sed -nE "s/.*\"$1\":\"?([^\",}]*).*/\1/p"; }
guests=$(printf '%s' "$answer" | sed -nE 's/.*"guests":\[([^]]*)\].*/\1/p' | tr -d '"' | sed 's/,/, /g')
cat <<PAGE
Content-Type: text/html; charset=utf-8

<!doctype html>
<title>Guestbook</title>
<h1>${GREETING:-Welcome}</h1>
<p>You are visitor <b>$(field visits)</b>. Pod $(field pod) on $(field node) answered; this page came from $(hostname).</p>
<p>Last guests: ${guests:-nobody yet}</p>
<form><input name="name" placeholder="Your name"><button>Sign</button></form>
PAGE
