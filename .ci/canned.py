"""What the comparisons with AWS's Python programs share: their installation, and a service that they call."""
import os
import pathlib
import re
import subprocess
import sys
import threading
import venv
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The release whose API model this project follows. boto3 would take any that is newer.
BOTOCORE = re.search(r"^botocore==(\S+)", (ROOT / "conformance" / "requirements.txt").read_text(), re.MULTILINE)[1]
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def installed(**versions):
    """The Python of a virtual environment that has these packages, made once under $CI_CACHE or target, and named after the first."""
    folder = pathlib.Path(os.environ.get("CI_CACHE") or ROOT / "target") / f"{next(iter(versions))}-venv"
    python = folder / "bin" / "python"
    check = f"from importlib.metadata import version; assert all(version(name) == found for name, found in {versions}.items())"
    # Asked of the interpreter, so that an environment whose Python is gone is rebuilt as well.
    if not python.exists() or subprocess.run([python, "-c", check], capture_output=True).returncode:
        venv.create(folder, clear=True, with_pip=True)
        packages = [f"{package}=={version}" for package, version in versions.items()]
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages]
        subprocess.run(pip, check=True, stdout=sys.stderr)
    return str(python)


class Service:
    """A service on the loopback interface: answers what `answer` says, and remembers what was sent.

    `answer` gets the path and the form, and returns a status and what the response's outermost element is to hold.
    """

    def __init__(self, answer):
        self.sent = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                form = parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), True, True)
                # Sorted, since the order of members means nothing.
                service.sent[self.path.rstrip("/")] = sorted(form), "Authorization" in self.headers
                action = dict(form)["Action"]
                status, content = answer(self.path, action)
                name = f"{action}Response" if status == 200 else "ErrorResponse"
                body = f'<{name} xmlns="{NAMESPACE}">{content}<RequestId>r</RequestId></{name}>'.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        # Connections that are kept open must not hold up the end.
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def report(results):
    """Prints a line for each (name, difference or None), then the sum. The exit code."""
    failed = 0
    for name, difference in results:
        print("FAIL" if difference else "ok", name, *([difference] if difference else []))
        failed += bool(difference)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0
