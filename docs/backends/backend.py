# A backend in Python: a list of notes, which is saved before each answer.
import json, os, signal, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ.get("PORT", "8080"))
TOKEN = int(os.environ.get("SESSION_BACKEND_FENCING_TOKEN", "0"))
FOLDER = os.environ["DOCUMENT_FOLDER"]
OURS = os.path.join(FOLDER, str(TOKEN))
one_at_a_time = threading.Lock()

def owners():
    """The tokens of all owners, the highest first. Ends the process if another one owns the document."""
    tokens = sorted((int(name) for name in os.listdir(FOLDER) if name.isdigit()), reverse=True)
    if tokens[0] > TOKEN:
        print(f"Fencing token {TOKEN} is outdated: {tokens[0]} owns this document now.", flush=True)
        os._exit(1)
    return tokens

def flush_folder():
    folder = os.open(FOLDER, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)

def claim_and_read():
    os.makedirs(FOLDER, exist_ok=True)
    open(OURS, "a").close()  # Claimed before it is read: what an earlier owner writes from now on doesn't count.
    flush_folder()
    texts = (open(os.path.join(FOLDER, str(token))).read() for token in owners())
    return json.loads(next((text for text in texts if text), "[]"))

def save(value):
    with open(OURS + ".tmp", "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(OURS + ".tmp", OURS)
    flush_folder()
    owners()  # Only who still owns the document may say that it is saved.

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        with one_at_a_time:
            notes.append({"user": self.headers.get("x-verified-username", ""), "text": text})
            save(notes)
        self.do_GET()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(notes).encode())

notes = claim_and_read()
server = ThreadingHTTPServer(("", PORT), Handler)
server.daemon_threads = False  # Requests that have begun are answered before the end.
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print("listening on", server.server_port, flush=True)
server.serve_forever()
server.server_close()
