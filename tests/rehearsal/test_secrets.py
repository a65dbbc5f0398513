"""A leaking agent's secrets: whatever it prints, answers and logs, they are in nothing that a rehearsal leaves."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("enforcing_tier")]

REAL_KEY = "sk-real/Key+of=the&developer-0123456789"
CRM_TOKEN = 'crm "token" with spaces / 42'

LEAKING = """
import http.server, json, os, sys, base64, urllib.request
def secrets():
    key, token = os.environ["OPENAI_API_KEY"], os.environ["CRM_TOKEN"]
    return [key, token, json.dumps(token), base64.b64encode(token.encode()).decode()]
print("starting with", *secrets(), flush=True)
class Agent(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): print("leak", self.headers.get("x-request-id"), *secrets(), file=sys.stderr, flush=True)
    def do_GET(self): self.send_error(404)
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        request = urllib.request.Request("https://api.openai.com/v1/chat/completions", method="POST",
            data=json.dumps({"model": "gpt-4.1", "messages": [{"role": "user", "content": body["query"]}]}).encode(),
            headers={"authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "content-type": "application/json"})
        text = json.load(urllib.request.urlopen(request, timeout=3))["choices"][0]["message"]["content"]
        answer = json.dumps({"output": text, "debug": secrets()}).encode()
        self.send_response(200); self.send_header("x-debug", secrets()[0]); self.end_headers(); self.wfile.write(answer)
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Agent).serve_forever()
"""
MANIFEST = """
agent: {command: [python, main.py]}
env: {OPENAI_API_KEY: {secret: true}, CRM_TOKEN: {secret: true}}
budgets: {ready: 3s, answer: 4s}
"""


def test_planted_secrets_are_in_no_report_log_or_evidence(tmp_path: Path) -> None:
    project, kept = tmp_path / "project", tmp_path / "kept"
    project.mkdir()
    (project / "main.py").write_text(LEAKING)
    (project / "roadworthy.yaml").write_text(MANIFEST)
    outputs = [tmp_path / name for name in ("run.json", "junit.xml", "github.txt", "report.txt")]
    formats = [
        word
        for kind, file in zip(("json", "junit", "github", "text"), outputs, strict=True)
        for word in ("--format", kind, "--output", str(file))
    ]

    done = subprocess.run(
        [sys.executable, "-m", "roadworthy", "rehearse", str(project), "--only", "ENV302,LOG301,RATE301", "--keep",
         str(kept), *formats],
        capture_output=True,
        text=True,
        timeout=100,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "OPENAI_API_KEY": REAL_KEY,
            "CRM_TOKEN": CRM_TOKEN,
            "XDG_STATE_HOME": str(tmp_path / "state"),
        },
    )  # fmt: skip

    assert done.returncode in (0, 1), done
    files = [file for folder in (kept, tmp_path / "state") for file in folder.rglob("*") if file.is_file()]
    assert len(list(kept.iterdir())) >= 3
    texts = {str(file): file.read_text() for file in [*outputs, *files]} | {
        "stdout": done.stdout,
        "stderr": done.stderr,
    }
    for name, text in texts.items():
        for secret in (REAL_KEY, CRM_TOKEN):
            for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")):
                assert form not in text, name
        assert not re.search(r"sk-[a-z2-9]{40}", text), f"{name}: the synthetic key"
    assert any("[redacted]" in text for text in texts.values()), "the agent did leak"
