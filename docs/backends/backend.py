# A backend in Python: notes, each of which is saved before it is answered.
import json, os, signal, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

TOKEN = os.environ.get("SESSION_BACKEND_FENCING_TOKEN", "0")
OURS = TOKEN.zfill(20)  # Names of one length are sorted by the token.

def read():
    """Returns what was written last. Ends the process if another backend owns the document."""
    notes = ""
    for name in sorted(os.listdir()):
        if name > OURS:
            print(f"Fencing token {TOKEN} is outdated: {name} owns this document now.", flush=True)
            os._exit(1)
        with open(name) as file:
            lines = file.read().split("\n")
        if len(lines) > 1:
            notes = " ".join(lines[:-1]).strip()
    return notes

def claim():
    """Makes our token known, so that what an earlier owner writes from now on doesn't count."""
    file = os.open(OURS, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_SYNC, 0o644)
    folder = os.open(".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return file

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        for text in parse_qs(body).get("text", []):
            os.write(file, f'{self.headers.get("x-verified-username", "")}: {json.dumps(text)}\n'.encode())
        self.do_GET()

    def do_GET(self):
        notes = read()  # Only who still owns the document may say what is saved.
        self.send_response(200)
        self.end_headers()
        self.wfile.write(notes.encode())

os.chdir(os.environ["DOCUMENT_FOLDER"])
file = claim()
os.write(file, f"{read()}\n".encode())
server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler)
server.daemon_threads = False  # Requests that have begun are answered before the end.
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print("listening on", server.server_port, flush=True)
server.serve_forever()
server.server_close()
