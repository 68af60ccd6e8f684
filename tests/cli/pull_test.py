"""firth pull against a hub on this machine, which keeps its word or breaks it (hub_server.py), and
models found by name afterwards."""

import hashlib
import importlib.util
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import unittest.mock
from pathlib import Path

import hub_server
import program
from hub_server import COMMIT, Hub, drop_after, endless, git_id, on, stall_after

NAME = "org/tiny"
WEIGHTS = "model.safetensors"
LARGE = os.urandom(300_000)


def model_files():
    with tempfile.TemporaryDirectory() as folder:
        root = program.make_sentence_transformer(folder)
        return {str(path.relative_to(root)): path.read_bytes()
                for path in sorted(root.rglob("*")) if path.is_file()}


MODEL = model_files()


class WithHub(unittest.TestCase):
    files = MODEL

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.d = Path(folder.name)
        self.hub = self.start(Hub(self.files))
        self.repository = self.d / ".cache/huggingface/hub/models--org--tiny"
        self.blobs = self.repository / "blobs"

    def start(self, hub):
        self.addCleanup(hub.stop)
        return hub

    def run_firth(self, *args, **settings):
        settings = {"HF_ENDPOINT": self.hub.url, "HF_TOKEN": "", "no_proxy": "127.0.0.1",
                    **settings}
        return program.run(*args, cwd=self.d, **settings)

    def pull(self, *args, **settings):
        result = self.run_firth("pull", *(args or (NAME,)), **settings)
        self.assertEqual(result.code, 0, result)
        return Path(result.text.splitlines()[-1])

    def refused(self, *words, args=(NAME,), code=1, **settings):
        """The pull fails in one line that has these words, and leaves no model behind."""
        result = self.run_firth("pull", *args, **settings)
        self.assertEqual(result.code, code, result)
        self.assertEqual(result.text, "")
        error = result.talk.splitlines()[-1]
        self.assertTrue(error.startswith("firth: "), result)
        for word in words:
            self.assertIn(word, error)
        snapshots = list(self.repository.glob("snapshots/*/config.json"))
        self.assertEqual(snapshots, [], error)
        self.assertFalse((self.repository / "refs/main").exists())
        return result

    def assert_whole(self, snapshot, files=None):
        found = {str(path.relative_to(snapshot)): path.read_bytes()
                 for path in snapshot.rglob("*") if path.is_file()}
        self.assertEqual(found, files or self.files)
        leftovers = [path.name for path in self.blobs.iterdir() if "incomplete" in path.name]
        self.assertEqual(leftovers, [])


class Pull(WithHub):
    def test_a_model_is_pulled_into_the_layout_of_huggingface_hub_and_found_by_name(self):
        snapshot = self.pull()
        self.assertEqual(snapshot, self.repository / "snapshots" / COMMIT)
        self.assert_whole(snapshot)
        self.assertEqual((self.repository / "refs/main").read_text(), COMMIT)
        for path, content in MODEL.items():
            depth = path.count("/")
            self.assertEqual(os.readlink(snapshot / path),
                             "../../" + "../" * depth + "blobs/" + self.hub.etag(path, content))
        for name in (NAME, "tiny", f"{NAME}@main", "tiny@main", f"{NAME}@{COMMIT}",
                     f"{NAME}@{COMMIT[:8]}"):
            found = self.run_firth("embed", "the cat", "--model", name)
            self.assertEqual(found.code, 0, found)
        listed = json.loads(self.run_firth("models", "--json").text)
        self.assertEqual((listed["name"], listed["path"], listed["bytes"]),
                         (NAME, str(snapshot), sum(map(len, MODEL.values()))))

    def test_a_second_pull_downloads_nothing_and_a_new_commit_only_what_changed(self):
        self.pull()
        self.hub.requests.clear()
        result = self.run_firth("pull", NAME, "--json")
        self.assertEqual(json.loads(result.text)["downloaded_bytes"], 0)
        self.assertEqual(self.hub.count("GET", "resolve") + self.hub.count("HEAD"), 0)
        newer = dict(MODEL, **{"README.md": b"newer"})
        self.hub.commits["3" * 40] = newer
        self.hub.refs["main"] = "3" * 40
        self.hub.requests.clear()
        self.assert_whole(self.pull(), newer)
        self.assertEqual(self.hub.count("GET", "resolve"), 1)
        models = [json.loads(line)["name"] for line in
                  self.run_firth("models", "--json").text.splitlines()]
        self.assertEqual(models, [NAME, f"{NAME}@{COMMIT}"])
        # Without --model the newest is meant, the older ones do not make it ambiguous.
        self.assertEqual(self.run_firth("embed", "a").code, 0)

    def test_revisions_lie_beside_each_other(self):
        other = dict(MODEL, **{"vocab.txt": MODEL["vocab.txt"].replace(b"kitten", b"puppy")})
        self.hub.commits["4" * 40] = other
        self.hub.refs |= {"v2": "4" * 40, "refs/pr/1": "4" * 40}
        self.pull()
        self.assertEqual(self.pull(f"{NAME}@v2").name, "4" * 40)
        self.assertEqual((self.repository / "refs/v2").read_text(), "4" * 40)
        self.assertEqual(self.pull(f"{NAME}@refs/pr/1").name, "4" * 40)
        self.assertEqual((self.repository / "refs/refs/pr/1").read_text(), "4" * 40)
        self.assertEqual(self.pull(f"{NAME}@{'4' * 40}").name, "4" * 40)
        tokens = {}
        for revision in ("", "@main", "@v2", "@refs/pr/1", "@4444444"):
            found = self.run_firth("tokenize", "puppy", "--model", NAME + revision)
            self.assertEqual(found.code, 0, found)
            tokens[revision] = "[UNK]" in found.text
        self.assertEqual(tokens, {"": True, "@main": True, "@v2": False, "@refs/pr/1": False,
                                  "@4444444": False})
        missing = self.run_firth("embed", "a", "--model", f"{NAME}@v3")
        self.assertIn(f"firth pull {NAME}@v3", missing.talk)

    def test_a_model_that_is_not_there_is_told_how_to_get(self):
        for name in (NAME, "tiny", f"{NAME}@v1"):
            result = self.run_firth("embed", "a", "--model", name)
            self.assertEqual(result.code, 1)
            self.assertIn(f"firth pull {name}", result.talk)
        for name in ("../x", "a/b/c", "a b"):
            self.assertNotIn("firth pull", self.run_firth("embed", "a", "--model", name).talk)
        self.assertIn("firth pull ", self.run_firth("embed", "a").talk)

    def test_a_name_alone_may_be_one_of_sentence_transformers(self):
        hub = self.start(Hub(MODEL, name="sentence-transformers/tiny"))
        self.assertIn("models--sentence-transformers--tiny",
                      str(self.pull("tiny", HF_ENDPOINT=hub.url)))

    def test_only_safe_files_are_asked_for(self):
        self.hub.files.update({name: b"x" for name in (
            "pytorch_model.bin", "modeling_tiny.py", "config.py", "model.pt", "weights.ckpt",
            "model.onnx", "onnx/model.onnx", "onnx/config.json", "tf_model.h5", "rust_model.ot",
            "MODEL.SAFETENSORS", "Config.JSON.py", ".gitattributes", "training_args.bin",
            "x.pkl", "2_Other/config.json", "evil.safetensors.py", ".model", "run.sh",
            "model-00001-of-00002.safetensors", "model.safetensors.index.json")})
        extra = {"LICENSE": b"free", "README.md": b"card", "tokenizer.json": b"{}",
                 "spiece.model": b"s", "0_Static/model.safetensors": b"w",
                 "0_Static/tokenizer.json": b"{}", "0_Static/x.py": b""}
        self.hub.files.update(extra)
        self.hub.files["modules.json"] = json.dumps(
            json.loads(MODEL["modules.json"])
            + [{"idx": 3, "name": "3", "path": "0_Static/", "type": "x"}]).encode()
        snapshot = self.pull()
        expected = dict(MODEL, **extra)
        expected["modules.json"] = self.hub.files["modules.json"]
        del expected["0_Static/x.py"]
        self.assert_whole(snapshot, expected)
        self.assertFalse([path for _, path, _, _ in self.hub.requests
                          if path.endswith((".bin", ".py", ".pt", ".onnx", ".SAFETENSORS"))])

    def test_sharded_weights(self):
        files = {name: content for name, content in MODEL.items() if name != WEIGHTS}
        files |= {"model-00001-of-00002.safetensors": b"1", "model-00002-of-00002.safetensors": b"2",
                  "model.safetensors.index.json": b"{}"}
        self.hub.commits[COMMIT] = files
        self.assert_whole(self.pull(), files)

    def test_pickles_alone_give_a_warning_and_the_tokenizer(self):
        del self.hub.files[WEIGHTS]
        self.hub.files["pytorch_model.bin"] = b"x"
        result = self.run_firth("pull", NAME)
        self.assertEqual(result.code, 0)
        self.assertIn("pickle", result.talk)
        self.assertEqual(self.hub.count("GET", ".bin"), 0)

    def test_nothing_of_use(self):
        self.hub.commits[COMMIT] = {"README.md": b"a", "data.parquet": b"b"}
        self.refused("expected a model", "2 files")

    def test_a_hub_without_tree_listing(self):
        self.hub.faults.append(on("/tree/", lambda handler: handler.reply(404, {"error": "no"})))
        self.assert_whole(self.pull())

    def test_a_listing_of_several_pages(self):
        def pages(handler):
            entries = self.hub.listing(self.hub.files)
            page = int(handler.path.split("cursor=")[1]) if "cursor=" in handler.path else 0
            link = f"<{handler.path.split('&cursor')[0]}&cursor={page + 1}>; rel=\"next\""
            handler.reply(200, entries[page:page + 1],
                          {"Link": link} if page + 1 < len(entries) else {})
        self.hub.faults.append(on("/tree/", pages))
        self.assert_whole(self.pull())

    def test_offline(self):
        self.refused("HF_HUB_OFFLINE", HF_HUB_OFFLINE="1")
        snapshot = self.pull()
        self.hub.requests.clear()
        self.assertEqual(self.pull(HF_HUB_OFFLINE="TRUE"), snapshot)
        self.assertEqual(self.pull(TRANSFORMERS_OFFLINE="yes"), snapshot)
        self.assertEqual(self.hub.requests, [])

    def test_the_cache_lies_where_huggingface_hub_has_it(self):
        for settings, folder in (({"HF_HUB_CACHE": "a"}, "a"), ({"HF_HOME": "b"}, "b/hub"),
                                 ({"XDG_CACHE_HOME": str(self.d / "c")}, "c/huggingface/hub"),
                                 ({"HUGGINGFACE_HUB_CACHE": "d"}, "d"),
                                 ({"HF_HOME": "~/e"}, "e/hub"),
                                 ({"HF_HUB_CACHE": "$HOME/f/${HOST_NAME}g", "HOST_NAME": "x"},
                                  "f/xg")):
            snapshot = self.pull(**settings)
            self.assertEqual((self.d / snapshot).resolve(),
                             (self.d / folder / "models--org--tiny/snapshots" / COMMIT).resolve())

    def test_a_disk_without_links_holds_the_files_themselves(self):
        snapshot = self.pull(HF_HUB_DISABLE_SYMLINKS="1")
        self.assert_whole(snapshot)
        self.assertFalse(any(path.is_symlink() for path in snapshot.rglob("*")))
        self.assertEqual(self.run_firth("embed", "a", "--model", "tiny").code, 0)

    def test_what_huggingface_hub_left_is_used(self):
        # A blob without a link, and a link that leads nowhere.
        etag = self.hub.etag(WEIGHTS, MODEL[WEIGHTS])
        self.blobs.mkdir(parents=True)
        (self.blobs / etag).write_bytes(MODEL[WEIGHTS])
        place = self.repository / "snapshots" / COMMIT
        place.mkdir(parents=True)
        (place / "vocab.txt").symlink_to("../../blobs/gone")
        self.assert_whole(self.pull())
        self.assertEqual(self.hub.count("GET", WEIGHTS), 0)

    def test_two_pulls_at_once_download_once(self):
        self.hub.files["tokenizer.model"] = LARGE
        self.hub.faults.append(lambda handler, path: time.sleep(0.02))
        results = [None, None]

        def go(i):
            results[i] = self.run_firth("pull", NAME)

        threads = [threading.Thread(target=go, args=(i,)) for i in (0, 1)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        self.assertEqual([result.code for result in results], [0, 0], results)
        self.assert_whole(Path(results[0].text.strip()), self.hub.files)
        self.assertEqual(self.hub.count("GET", "resolve"), len(self.hub.files))

    def test_progress_and_json(self):
        self.hub.files[WEIGHTS] = LARGE
        self.hub.once(on("/cdn/", stall_after(100_000, LARGE, {"ETag": '"of-the-cdn"'}, 2.5)))
        result = self.run_firth("pull", NAME, "--json", "--progress", "always")
        record = json.loads(result.text)
        self.assertEqual((record["name"], record["revision"], record["commit"]),
                         (NAME, "main", COMMIT))
        self.assertEqual(record["bytes"], sum(map(len, self.hub.files.values())))
        self.assertRegex(result.talk, r"\d+ %.*kB, .*kB/s, ")
        quiet = self.run_firth("pull", NAME, "--quiet")
        self.assertEqual(quiet.talk, "")

    def test_usage(self):
        self.refused("expected NAME", args=(), code=2)
        for name in ("", "a/b/c", "../x", "a/..", "/a", "a//b", "-a/b", "a--b", "a/b@", "a/b@../c",
                     "a/b@/c", "a/b@c d", "a/b@.x", "a\\b", "a/b\n", "x" * 97, "a/b@a/../b", "a@b@c"):
            self.refused("expected the name of a model", args=("--", name), code=2)
        self.refused("HF_ENDPOINT", code=2, HF_ENDPOINT="ftp://x")
        self.refused("HF_TOKEN", code=2, HF_TOKEN="a b")
        self.refused("HF_HUB_DOWNLOAD_TIMEOUT", code=2, HF_HUB_DOWNLOAD_TIMEOUT="soon")
        self.assertEqual(self.hub.requests, [])


class Token(WithHub):
    def authorizations(self):
        return {(port, headers.get("Authorization"))
                for _, _, headers, port in self.hub.requests}

    def test_it_goes_to_the_hub_and_not_where_it_redirects(self):
        self.pull(HF_TOKEN=" secret\n")
        self.assertEqual(self.authorizations(), {(self.hub.port, "Bearer secret"),
                                                 (self.hub.cdn_port, None)})

    def test_it_is_read_where_huggingface_hub_keeps_it(self):
        default = self.d / ".cache/huggingface/token"
        default.parent.mkdir(parents=True)
        default.write_text("from-file\n")
        (self.d / "elsewhere").write_text("from-elsewhere")
        (self.d / "home").mkdir()
        (self.d / "home/token").write_text("from-home")
        for settings, token in (
                ({}, "from-file"), ({"HF_TOKEN": "own"}, "own"),
                ({"HUGGING_FACE_HUB_TOKEN": "old"}, "old"),
                ({"HF_TOKEN_PATH": str(self.d / "elsewhere")}, "from-elsewhere"),
                ({"HF_HOME": str(self.d / "home")}, "from-home"),
                ({"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, None)):
            self.hub.requests.clear()
            self.pull(**settings)
            expected = f"Bearer {token}" if token else None
            self.assertEqual({value for port, value in self.authorizations()
                              if port == self.hub.port}, {expected})

    def test_no_redirect_gets_it_out(self):
        # To the same host by another port, by another name, with credentials in the address, and
        # back to the hub: only the hub itself sees it.
        for target in (f"http://127.0.0.1:{self.hub.cdn_port}", f"http://localhost:{self.hub.port}",
                       f"http://127.0.0.1:{self.hub.port}@127.0.0.1:{self.hub.cdn_port}",
                       f"//127.0.0.1:{self.hub.cdn_port}"):
            shutil.rmtree(self.d / ".cache", ignore_errors=True)
            self.hub.requests.clear()
            self.hub.faults[:] = [lambda handler, path, to=target: (
                "/tree/" in path and handler.server.server_port == self.hub.port
                and handler.headers["Host"].startswith("127")
                and (handler.reply(302, b"", {"Location": to + handler.path}), True))]
            self.pull(HF_TOKEN="secret")
            foreign = [headers for _, path, headers, port in self.hub.requests
                       if port == self.hub.cdn_port or headers["Host"].startswith("localhost")]
            self.assertTrue(foreign)
            self.assertFalse([h for h in foreign if "secret" in str(h)])

    def test_refusals_say_what_to_do(self):
        def refuse(status, code, **headers):
            self.hub.faults[:] = [on("/api/", lambda handler: handler.reply(
                status, {"error": "because"}, {"X-Error-Code": code, **headers} if code else {}))]
        refuse(401, "GatedRepo")
        self.refused("gated", "accept its terms", f"{self.hub.url}/{NAME}", "HF_TOKEN", "'because'")
        refuse(403, "GatedRepo")
        self.refused("the token that was sent", HF_TOKEN="mine")
        refuse(403, "")
        self.refused("refuses", "403")
        refuse(401, "RepoNotFound")
        self.refused("found none of that name", "ORG/NAME", "private", "HF_TOKEN")
        refuse(401, "")
        self.refused("found none of that name")
        refuse(404, "RepoNotFound")
        self.refused("found none of that name", args=("tiny",))
        refuse(404, "RevisionNotFound")
        self.refused("'v9'", "tree/main", args=(f"{NAME}@v9",))
        refuse(418, "")
        self.refused("status 418", "'because'")
        self.assertEqual(self.hub.count("HEAD"), 0)


class Misbehaviour(WithHub):
    files = dict(MODEL, **{WEIGHTS: LARGE})

    def test_drops_in_the_middle_go_on_where_they_were(self):
        etag = {"ETag": '"of-the-cdn"'}
        self.hub.once(on("/cdn/", drop_after(100_000, LARGE, etag)))
        self.hub.once(on("/cdn/", lambda handler: (
            handler.send_response(206), handler.send_header("Content-Range",
                                                            "bytes 100000-299999/300000"),
            handler.send_header("Content-Length", "200000"), handler.send_header("ETag", etag["ETag"]),
            handler.end_headers(), handler.wfile.write(LARGE[100_000:250_000]), handler.drop())))
        self.assert_whole(self.pull())
        ranges = [(h.get("Range"), h.get("If-Range")) for h in self.hub.asked("GET", "/cdn/")]
        self.assertEqual(ranges, [(None, None), ("bytes=100000-", '"of-the-cdn"'),
                                  ("bytes=250000-", '"of-the-cdn"')])

    def test_a_file_that_changed_meanwhile_is_taken_whole(self):
        # The second answer is of another version and gives all of it: If-Range asked for that.
        self.hub.once(on("/cdn/", drop_after(100_000, b"x" * len(LARGE), {"ETag": '"older"'})))
        self.assert_whole(self.pull())

    def test_drops_of_small_files_and_of_the_listing(self):
        self.hub.once(on("/api/", drop_after(10, b"{}" * 50)), times=2)
        self.hub.once(on("vocab.txt", drop_after(10, MODEL["vocab.txt"])))
        self.hub.once(lambda handler, path: handler.command == "HEAD" and (handler.drop(), True))
        self.assert_whole(self.pull())

    def test_endless_drops_end(self):
        begin = time.monotonic()
        self.hub.faults.append(on("/tree/", lambda handler: handler.reply(
            503, b"", {"Retry-After": "0"})))
        self.refused("status 503", "later")
        self.assertEqual(self.hub.count("GET", "/tree/"), 6)
        self.assertLess(time.monotonic() - begin, 20)

    def test_interrupted_it_goes_on_in_the_next_run(self):
        for stop in (signal.SIGINT, signal.SIGKILL):
            shutil.rmtree(self.d / ".cache", ignore_errors=True)
            self.hub.faults[:] = [on("/cdn/", stall_after(200_000, LARGE))]
            env = program.environment(HOME=str(self.d), XDG_CACHE_HOME=str(self.d / ".cache"),
                                      HF_ENDPOINT=self.hub.url, no_proxy="127.0.0.1")
            run = subprocess.Popen([program.FIRTH, "pull", NAME], env=env, cwd=self.d,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            partial = self.blobs / (hashlib.sha256(LARGE).hexdigest() + ".incomplete")
            deadline = time.monotonic() + 20
            while not (partial.exists() and partial.stat().st_size == 200_000):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            self.assertEqual(self.run_firth("models").text, "")  # half a model is none
            run.send_signal(stop)
            _, talk = run.communicate(timeout=20)
            if stop == signal.SIGINT:
                self.assertEqual((run.returncode, talk), (130, b"firth: interrupted\n"))
            self.assertEqual(partial.stat().st_size, 200_000)
            self.hub.faults.clear()
            self.hub.requests.clear()
            result = self.run_firth("pull", NAME, "--json")
            self.assertEqual([h.get("Range") for h in self.hub.asked("GET", "/cdn/")],
                             ["bytes=200000-"])
            self.assertLess(json.loads(result.text)["downloaded_bytes"], 130_000)
            self.assert_whole(Path(json.loads(result.text)["path"]))

    def leave(self, content):
        self.blobs.mkdir(parents=True, exist_ok=True)
        (self.blobs / (hashlib.sha256(LARGE).hexdigest() + ".incomplete")).write_bytes(content)

    def test_a_spoilt_part_of_an_earlier_run_is_found_out(self):
        for content in (b"y" * 1000, b"y" * len(LARGE), b"y" * (len(LARGE) + 5), LARGE):
            shutil.rmtree(self.d / ".cache", ignore_errors=True)
            self.leave(content)
            self.assert_whole(self.pull())

    def test_a_part_that_is_a_link_is_not_written_through(self):
        victim = self.d / "victim"
        victim.write_bytes(b"mine")
        self.blobs.mkdir(parents=True)
        (self.blobs / (hashlib.sha256(LARGE).hexdigest() + ".incomplete")).symlink_to(victim)
        self.refused("incomplete")
        self.assertEqual(victim.read_bytes(), b"mine")

    def test_a_server_that_ignores_ranges_or_refuses_them(self):
        for answer in (lambda handler: handler.reply(200, LARGE),
                       lambda handler: handler.reply(416, b"") if handler.headers.get("Range")
                       else handler.reply(200, LARGE)):
            shutil.rmtree(self.d / ".cache", ignore_errors=True)
            self.hub.faults[:] = [on("/cdn/", answer)]
            self.leave(LARGE[:1000])
            self.assert_whole(self.pull())

    def test_a_range_that_was_not_asked_for(self):
        self.leave(LARGE[:1000])
        for value in ("bytes 0-299999/300000", "bytes 1000-299999/300001", "bytes x", "items 1-2/3"):
            self.hub.faults[:] = [on("/cdn/", lambda handler: handler.reply(
                206, LARGE[1000:], {"Content-Range": value}))]
            self.refused("expected the bytes from 1000 on")

    def test_wrong_content(self):
        self.hub.faults.append(on("/cdn/", lambda handler: handler.reply(200, LARGE[::-1])))
        self.refused(WEIGHTS, "hash", hashlib.sha256(LARGE).hexdigest())
        self.assertEqual([p.name for p in self.blobs.iterdir() if len(p.name) > 60], [])
        self.hub.faults[:] = [on("vocab.txt", lambda handler: handler.reply(
            200, MODEL["vocab.txt"][::-1]))]
        self.refused("vocab.txt", "hash", git_id(MODEL["vocab.txt"]))

    def test_wrong_sizes(self):
        big = LARGE + b"x"
        for answer, word in ((lambda h: h.reply(200, big), "300001 are announced"),
                             (lambda h: h.reply(200, LARGE[:-1]), "299999 are announced"),
                             (lambda h: h.reply(200, big, length=False), "found more"),
                             (endless, "found more")):
            self.hub.faults[:] = [on("/cdn/", answer)]
            self.refused(WEIGHTS, word)
        # Too short without saying so: it may have been a drop, so it is tried again.
        self.hub.faults.clear()
        self.hub.once(on("/cdn/", lambda h: h.reply(200, LARGE[:-1], length=False)))
        self.assert_whole(self.pull())

    def test_sizes_stated_nowhere(self):
        def without_size(handler, path):
            if "/tree/" in path:
                handler.reply(404, {})
            elif path.endswith("vocab.txt"):
                handler.reply(200, MODEL["vocab.txt"], {"ETag": f'"{git_id(MODEL["vocab.txt"])}"'},
                              length=False)
            else:
                return False
            return True
        self.hub.faults.append(without_size)
        self.assert_whole(self.pull())

    def test_more_than_the_disk_holds(self):
        self.hub.faults.append(on("/tree/", lambda handler: handler.reply(200, [
            {"type": "file", "path": "config.json", "size": 10, "oid": "a" * 40},
            {"type": "file", "path": WEIGHTS, "oid": "a" * 40, "size": 2**49,
             "lfs": {"oid": "a" * 64, "size": 2**49}}])))
        self.hub.faults.append(on("config.json", lambda handler: handler.reply(
            200, b"0123456789", {"ETag": '"x"'}), method="HEAD"))
        self.refused("expected room for", "HF_HUB_CACHE")
        self.assertEqual(self.hub.count("GET", "resolve"), 0)

    def test_endless_answers(self):
        self.hub.faults.append(on("/revision/", endless))
        self.refused("at most", "found more")
        self.hub.faults[:] = [on("/tree/", endless)]
        self.refused("at most", "found more")

        def endless_pages(handler):
            handler.reply(200, [], {"Link": f'<{handler.path}>; rel="next"'})
        self.hub.faults[:] = [on("/tree/", endless_pages)]
        self.refused("comes to an end")

        def endless_error(handler):
            handler.send_response(404)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            while True:
                handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        self.hub.faults[:] = [on("/revision/", endless_error)]
        self.refused("found none of that name")

        def endless_headers(handler):
            handler.send_response(200)
            while True:
                handler.wfile.write(b"X-A: " + b"a" * 8000 + b"\r\n")
        self.hub.faults[:] = [on("/revision/", endless_headers)]
        self.refused()

    def test_a_huge_listing(self):
        entries = [{"type": "file", "path": f"data/{i}", "size": 1, "oid": "a" * 40}
                   for i in range(100_001)]
        self.hub.faults.append(on("/tree/", lambda handler: handler.reply(200, entries)))
        self.refused("at most 100000 files")
        many = {f"data/{i}.json": b"" for i in range(50_000)}
        self.hub.faults.clear()
        self.hub.commits[COMMIT] = dict(many, **self.files)
        self.assert_whole(self.pull())

    def test_names_that_lead_out_or_clash(self):
        bad = ("../config.json", "a/../../config.json", "/etc/config.json", "./config.json", "a//b",
               "a\\config.json", "..\\config.json", "config.json\0.py", "a/\n/config.json", "..",
               "", ".", "a/", "a/./b", "x" * 256, "/".join("a" * 600), "1_Pooling/../config.json")
        for name in bad:
            for part, listing in (
                    ("/tree/", [{"type": "file", "path": name, "size": 1, "oid": "a" * 40}]),
                    ("/revision/", {"sha": COMMIT, "siblings": [{"rfilename": name}]})):
                self.hub.faults[:] = [on(part, lambda handler: handler.reply(200, listing))]
                self.refused("expected the name of a file inside the repository")
        for pair in (("config.json", "config.json"), ("a.model", "A.model"),
                     ("spiece.model", "Spiece.Model", "SPIECE.model")):
            self.hub.faults[:] = [on("/tree/", lambda handler: handler.reply(200, [
                {"type": "file", "path": name, "size": 1, "oid": "a" * 40} for name in pair]))]
            self.refused("differ in more than case")
        self.assertEqual([p.name for p in self.d.iterdir()], [".cache"])

    def test_module_folders_that_lead_out(self):
        for path in ("..", "../..", "/etc", "/", "a/../.."):
            self.hub.files["modules.json"] = json.dumps([{"path": path, "type": "x"}]).encode()
            snapshot = self.pull()
            self.assertFalse([p for p in snapshot.rglob("*/*")])
            shutil.rmtree(self.d / ".cache")
        for content in (b"[", b"{}", b"[1]", b"[{}]", b'[{"path": 1}]', b"", b"\xff"):
            self.hub.files["modules.json"] = content
            self.refused("modules.json" if content else "")

    def test_garbage_instead_of_json(self):
        bodies = (b"", b"<html>sign in</html>", b"{", b"null", b"[]", b"3", b"{}", b'{"sha": 3}',
                  b'{"sha": "../../x"}', b'{"sha": ""}', b'{"sha": "a/b"}', b"\xff\xfe", b"[" * 5000,
                  b'{"sha":"1","siblings":3}', b'{"sha":"1","siblings":[{}]}',
                  b'{"sha":"1","siblings":[{"rfilename":3}]}', b'{"sha":"1","sha":"2"}')
        for body in bodies:
            self.hub.faults[:] = [on("/revision/", lambda handler: handler.reply(200, body))]
            self.refused()
        bodies = (b"", b"{}", b"[", b"[3]", b"[{}]", b'[{"type":"file"}]',
                  b'[{"type":"file","path":"a","size":-1}]', b'[{"type":"file","path":"a","size":1.5}]',
                  b'[{"type":"file","path":"a","size":1e99}]',
                  b'[{"type":"file","path":"a","size":99999999999999999999}]',
                  b'[{"type":"file","path":"a","size":1,"lfs":3}]',
                  b'[{"type":"file","path":"a","size":1,"lfs":{"oid":"../x","size":1}}]')
        for body in bodies:
            self.hub.faults[:] = [on("/tree/", lambda handler: handler.reply(200, body))]
            self.refused()

    def test_etags_that_cannot_name_a_file(self):
        for etag in ("../../../x", "a/b", "", '""', ".", "..", "a\\b", "x" * 200, "a b", ".hidden"):
            headers = {"ETag": f'"{etag}"'} if etag else {}
            self.hub.faults[:] = [on("vocab.txt", lambda handler: handler.reply(200, b"x", headers),
                                     method="HEAD"),
                                  on("/tree/", lambda handler: handler.reply(404, {}))]
            self.refused("ETag")

    def test_an_etag_that_is_no_hash_is_taken_and_said(self):
        content = MODEL["vocab.txt"]
        for etag, said in (("0123456789abcdef", True), ("W/\"weak-1\"", True),
                           (hashlib.sha1(content).hexdigest(), False),
                           (hashlib.sha256(content).hexdigest(), False)):
            quoted = etag if etag.startswith("W/") else f'"{etag}"'
            self.hub.faults[:] = [
                lambda handler, path: path.endswith("vocab.txt")
                and (handler.reply(200, content, {"ETag": quoted}), True)]
            result = self.run_firth("pull", NAME)
            self.assertEqual((result.code, "gives no hash" in result.talk), (0, said), result)
            self.assertTrue((self.blobs / etag.replace("W/", "").strip('"')).exists())
            shutil.rmtree(self.d / ".cache")

    def test_redirects(self):
        def to(location):
            self.hub.faults[:] = [lambda handler, path: "/api/" in path and (
                handler.reply(302, b"", {"Location": location(handler)}), True)]
        to(lambda handler: handler.path)
        self.refused("at most 10 redirects")
        count = self.hub.count("GET")
        self.assertLessEqual(count, 11)
        to(lambda handler: handler.path + "/x")
        self.refused("at most 10 redirects")
        for location in ("file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "http://",
                         "javascript:1", "http://[", "http://a b/"):
            to(lambda handler: location)
            self.refused("expected")

    def test_limits_and_faults_pass(self):
        self.hub.once(on("/api/", lambda handler: handler.reply(429, b"", {"Retry-After": "1"})))
        self.hub.once(on("/api/", lambda handler: handler.reply(500, b"oops")))
        self.hub.once(on("vocab.txt", lambda handler: handler.reply(502, b"")))
        self.hub.once(on("/cdn/", lambda handler: handler.reply(503, b"", {"Retry-After": "0"})))
        self.hub.once(on("vocab.txt", lambda handler: handler.reply(504, b""), method="HEAD"))
        begin = time.monotonic()
        result = self.run_firth("pull", NAME)
        self.assertEqual(result.code, 0, result)
        self.assertIn("trying again in 1 s", result.talk)
        self.assertGreater(time.monotonic() - begin, 1.5)

    def test_a_limit_that_lasts(self):
        self.hub.faults.append(on("/api/", lambda handler: handler.reply(
            429, {"error": "slow down"}, {"Retry-After": "3600"})))
        self.refused("429", "3600 s", "HF_TOKEN", "slow down")
        self.assertEqual(self.hub.count("GET"), 1)

    def test_bodies_that_stand_still(self):
        self.hub.once(on("/cdn/", stall_after(100_000, LARGE, {"ETag": '"of-the-cdn"'})))
        begin = time.monotonic()
        self.assert_whole(self.pull(HF_HUB_DOWNLOAD_TIMEOUT="1"))
        self.assertLess(time.monotonic() - begin, 10)
        self.assertEqual(self.hub.asked("GET", "/cdn/")[-1].get("Range"), "bytes=100000-")

    def test_encoded_bodies_are_refused(self):
        self.hub.faults.append(on("vocab.txt", lambda handler: handler.reply(
            200, b"zzz", {"Content-Encoding": "gzip"}, length=False)))
        self.refused("'gzip'")

    def test_a_listed_file_that_is_gone(self):
        self.hub.faults.append(on("vocab.txt", lambda handler: handler.reply(404, {}), method="HEAD"))
        self.refused("vocab.txt", "404")

    def test_nobody_there(self):
        self.hub.stop()
        self.refused("is the network there", HF_ENDPOINT="http://127.0.0.1:9")
        self.refused("network", HF_ENDPOINT="http://hub.invalid")

    def test_garbage_instead_of_http(self):
        def garbage(handler):
            handler.wfile.write(b"\x16\x03\x01 hello\r\n\r\n")
            handler.drop()
        self.hub.faults.append(on("/api/", garbage))
        self.refused()


class Transport(WithHub):
    def test_a_proxy_of_the_environment_is_used(self):
        self.pull(HF_ENDPOINT="http://hub.invalid", http_proxy=self.hub.url, no_proxy="127.0.0.1")
        self.assertTrue(self.hub.requests[0][1].startswith("http://hub.invalid/api/"))

    @unittest.skipUnless(shutil.which("openssl"), "makes a certificate with the openssl program")
    def test_certificates_are_verified(self):
        key, certificate = self.d / "key.pem", self.d / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=hub", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        hub = self.start(Hub({k: v for k, v in MODEL.items() if k != WEIGHTS}, context=context))
        self.refused("certificate could not be verified", HF_ENDPOINT=hub.url)
        self.assertEqual(hub.requests, [])
        self.pull(HF_ENDPOINT=hub.url, SSL_CERT_FILE=str(certificate))
        self.refused_host(hub, certificate)
        # From https no redirect leads to http.
        hub.faults.append(on("/tree/", lambda handler: handler.reply(
            302, b"", {"Location": f"{hub.cdn_url}{handler.path}"})))
        self.refused("from https to https", HF_ENDPOINT=hub.url, SSL_CERT_FILE=str(certificate))

    def refused_host(self, hub, certificate):
        shutil.rmtree(self.d / ".cache", ignore_errors=True)
        self.refused("certificate", HF_ENDPOINT=f"https://localhost:{hub.port}",
                     SSL_CERT_FILE=str(certificate))


class Snapshots(WithHub):
    def test_links_out_of_the_cache_are_refused(self):
        snapshot = self.pull()
        outside = self.d / "outside.txt"
        outside.write_bytes(MODEL["vocab.txt"])
        (snapshot / "vocab.txt").unlink()
        (snapshot / "vocab.txt").symlink_to(outside)
        result = self.run_firth("embed", "a", "--model", "tiny")
        self.assertEqual(result.code, 1)
        self.assertIn("expected a file inside the model's folder", result.talk)

    def test_refs_that_lie_name_no_other_folder(self):
        self.pull()
        elsewhere = self.d / "elsewhere"
        program.make_sentence_transformer(elsewhere)
        for lie in (str(elsewhere), "../../../../elsewhere", "..", "", "\0", "a" * 5000):
            (self.repository / "refs/main").write_text(lie)
            listed = json.loads(self.run_firth("models", "--json").text)
            self.assertEqual(listed["path"], str(self.repository / "snapshots" / COMMIT))


class GetModel(WithHub):
    """scripts/get_model.py, which fetches the model of the demo, told that this is it."""

    def setUp(self):
        super().setUp()
        script = Path(os.environ.get("FIRTH_SOURCE_DIR", Path(__file__).parents[2]))
        spec = importlib.util.spec_from_file_location("get_model", script / "scripts/get_model.py")
        self.script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.script)
        self.script.say = lambda text: None
        self.script.SUMS = {name: hashlib.sha256(content).hexdigest()
                            for name, content in MODEL.items()}
        self.hub.name = self.script.REPOSITORY
        self.hub.commits = {self.script.REVISION: dict(MODEL, **{"README.md": b"card"})}
        self.hub.refs = {}

    def get(self):
        folder = self.d / "models/tiny"
        folder.parent.mkdir(exist_ok=True)
        settings = {"HF_ENDPOINT": self.hub.url, "no_proxy": "127.0.0.1", "HF_HUB_OFFLINE": "",
                    "HF_HUB_DISABLE_SYMLINKS": ""}
        with unittest.mock.patch.dict(os.environ, settings):
            self.assertTrue(self.script.get(program.FIRTH, folder))
        found = {str(path.relative_to(folder)): path.read_bytes()
                 for path in folder.rglob("*") if path.is_file()}
        self.assertEqual(found, MODEL)
        self.assertFalse(any(path.is_symlink() for path in folder.rglob("*")))
        self.assertEqual([path.name for path in folder.parent.iterdir()], ["tiny"])

    def test_from_the_hub(self):
        self.script.from_package = None
        self.get()

    def test_from_the_package_where_the_hub_has_it_not_or_gives_other_files(self):
        def from_package(firth, folder):
            for name, content in MODEL.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(content)

        self.script.from_package = from_package
        self.hub.commits[self.script.REVISION]["vocab.txt"] = b"another"
        self.get()
        shutil.rmtree(self.d / "models/tiny")
        self.hub.commits.clear()
        self.get()


if __name__ == "__main__":
    unittest.main()
