"""A hub on 127.0.0.1 that keeps to the interface of huggingface.co, and breaks it in the way a test
asks for: `hub.faults` are functions (handler, path) that answer a request themselves and return
True, or return a false value. Large files (of LFS) are redirected to a second server on another
port, as a hub redirects to its content network."""

import hashlib
import http.server
import json
import re
import threading
import time
import urllib.parse

COMMIT = "1" * 40


def git_id(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):  # the client had enough
            self.close_connection = True

    def do_GET(self):
        hub, path = self.server.hub, self.path
        if path.startswith("http://"):  # through a proxy
            path = "/" + path.split("/", 3)[3]
        path = urllib.parse.unquote(path.split("?")[0])
        hub.requests.append((self.command, self.path, dict(self.headers), self.server.server_port))
        if any(fault(self, path) for fault in list(hub.faults)):
            return
        hub.answer(self, path)

    do_HEAD = do_GET

    def reply(self, status, body=b"", headers=None, length=None):
        """length=False states none."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if length is not False:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        else:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def drop(self):
        """Closes the connection where it is."""
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def reply_with_range(self, body, headers=None):
        headers = {"Accept-Ranges": "bytes", **(headers or {})}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if_range = self.headers.get("If-Range")
        if not asked or (if_range and if_range != headers.get("ETag")):
            return self.reply(200, body, headers)
        first = int(asked[1])
        if first >= len(body):
            return self.reply(416, b"", {"Content-Range": f"bytes */{len(body)}"})
        headers["Content-Range"] = f"bytes {first}-{len(body) - 1}/{len(body)}"
        return self.reply(206, body[first:], headers)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class Hub:
    def __init__(self, files, name="org/tiny", context=None):
        self.name = name
        self.commits = {COMMIT: dict(files)}
        self.refs = {"main": COMMIT}
        self.requests = []
        self.faults = []
        self.servers = [self.start(context), self.start(None)]
        self.port, self.cdn_port = (server.server_port for server in self.servers)
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        self.cdn_url = f"http://127.0.0.1:{self.cdn_port}"

    def start(self, context):
        server = Server(("127.0.0.1", 0), Handler)
        server.hub = self
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    def stop(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    @property
    def files(self):
        return self.commits[self.refs["main"]]

    def is_large(self, path):
        return path.endswith((".safetensors", ".bin"))

    def etag(self, path, content):
        return hashlib.sha256(content).hexdigest() if self.is_large(path) else git_id(content)

    def count(self, method, part=""):
        return sum(m == method and part in path for m, path, _, _ in self.requests)

    def asked(self, method, part):
        """The headers of the requests for it."""
        return [headers for m, path, headers, _ in self.requests if m == method and part in path]

    # The interface.
    def listing(self, files):
        entries = [{"type": "directory", "oid": "2" * 40, "size": 0, "path": "1_Pooling"}]
        for path, content in files.items():
            entry = {"type": "file", "oid": git_id(content), "size": len(content), "path": path}
            if self.is_large(path):
                entry["lfs"] = {"oid": self.etag(path, content), "size": len(content),
                                "pointerSize": 134}
            entries.append(entry)
        return entries

    def answer(self, handler, path):
        if path.startswith("/cdn/"):
            return self.answer_content(handler, path)
        api = re.fullmatch(r"/api/models/(.+?)(?:/(revision|tree)/(.+))?", path)
        file = re.fullmatch(r"/(.+?)/resolve/([^/]+)/(.+)", path)
        if not (api or file) or (api or file)[1] != self.name:
            return handler.reply(401, {"error": "Invalid username or password."},
                                 {"X-Error-Code": "RepoNotFound"})
        revision = (api[3] or "main") if api else file[2]
        commit = self.refs.get(revision, revision)
        if commit not in self.commits:
            return handler.reply(404, {"error": "Invalid rev id"},
                                 {"X-Error-Code": "RevisionNotFound"})
        files = self.commits[commit]
        if file:
            return self.answer_file(handler, file[3], commit, files)
        if api[2] == "tree":
            return handler.reply(200, self.listing(files))
        return handler.reply(200, {"id": self.name, "sha": commit,
                                   "siblings": [{"rfilename": path} for path in files]})

    def answer_file(self, handler, path, commit, files):
        if path not in files:
            return handler.reply(404, {"error": "Entry not found"},
                                 {"X-Error-Code": "EntryNotFound"})
        content = files[path]
        headers = {"X-Repo-Commit": commit, "ETag": f'"{self.etag(path, content)}"'}
        if not self.is_large(path):
            return handler.reply_with_range(content, headers)
        headers |= {"X-Linked-Etag": headers.pop("ETag"), "X-Linked-Size": str(len(content)),
                    "Location": f"{self.cdn_url}/cdn/{commit}/{path}"}
        return handler.reply(302, b"", headers)

    def answer_content(self, handler, path):
        _, _, commit, name = path.split("/", 3)
        content = self.commits[commit][name]
        return handler.reply_with_range(content, {"ETag": '"of-the-cdn"'})

    # Faults.
    def once(self, fault, times=1):
        """The fault for so many of the requests that it answers."""
        left = [times]

        def limited(handler, path):
            if left[0] == 0:
                return False
            left[0] -= 1  # before the answer, which may take its time
            answered = fault(handler, path)
            left[0] += not answered
            return answered

        self.faults.append(limited)


def on(part, answer, method="GET"):
    """A fault for the requests whose path has `part`."""
    def fault(handler, path):
        if handler.command != method or part not in path:
            return False
        answer(handler)
        return True
    return fault


def drop_after(count, body, headers=None):
    """Announces the whole body, gives `count` bytes and hangs up."""
    def answer(handler):
        handler.reply(200, body[:count], headers, length=len(body))
        handler.drop()
    return answer


def endless(handler):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    block = b" " * (1 << 20)
    while True:
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))


def stall_after(count, body, headers=None, seconds=30):
    def answer(handler):
        handler.reply(200, body[:count], headers, length=len(body))
        handler.wfile.flush()
        time.sleep(seconds)
        handler.drop()
    return answer
