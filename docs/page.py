"""Plays a session on this computer, steered from a page at http://localhost:8000."""

import json
import queue
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import voiceguide

PAGE = b"""<!doctype html><meta charset="utf-8"><title>voiceguide</title>
<h1 id="step"></h1><h2 id="count"></h2><p id="sentence"></p><p id="state"></p>
<button onclick="order('toggle')">Play or pause</button>
<button onclick="order('skip', -15)">15 s back</button>
<button onclick="order('step', 1)">Next step</button>
<input id="place" type="range" onchange="order('seek', value)">
<script>
const order = (name, by) => fetch('/' + name, {method: 'POST', body: by ?? ''})
new EventSource('/events').onmessage = message => {
  const now = JSON.parse(message.data)
  for (const id of ['step', 'count', 'sentence', 'state'])
    document.getElementById(id).textContent = now[id]
  Object.assign(document.getElementById('place'), {max: now.length, value: now.seconds})
}
</script>"""


def serve(player: voiceguide.Player, port: int = 8000) -> ThreadingHTTPServer:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            live = self.path == "/events"
            self.send_header("Content-Type", "text/event-stream" if live else "text/html")
            self.end_headers()
            self.tell() if live else self.wfile.write(PAGE)

        def tell(self) -> None:
            told: queue.SimpleQueue[voiceguide.events.PlayerEvent] = queue.SimpleQueue()
            unsubscribe = player.subscribe(told.put)
            with suppress(OSError):  # the page was closed
                while (at := player.status()) and (now := player.moment()):
                    data = {"step": now.step, "sentence": now.sentence, "state": str(at.state)}
                    data["count"] = f"{now.label} {now.left:.0f}" if now.label else ""
                    place = {"seconds": at.seconds, "length": at.length}
                    self.wfile.write(b"data: %s\n\n" % json.dumps({**data, **place}).encode())
                    told.get()
            unsubscribe()

        def do_POST(self) -> None:
            value = self.rfile.read(int(self.headers["Content-Length"] or 0))
            if (name := self.path[1:]) in ("toggle", "skip", "seek", "step"):
                getattr(player, name)(*([json.loads(value)] if value else []))
            self.send_response(204)
            self.end_headers()

    return ThreadingHTTPServer(("localhost", port), Page)


if __name__ == "__main__":
    serve(voiceguide.play("piriformis")).serve_forever()
