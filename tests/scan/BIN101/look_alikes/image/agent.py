import subprocess


def tools(page):
    subprocess.run(["rg", "x"], timeout=10)
    subprocess.run(["pdftotext", page], timeout=10)
    subprocess.run(["git", "status"], timeout=10)
    subprocess.run(["uvx", "some-tool==1.0"], timeout=10)
    subprocess.run(["npx", "playwright"], timeout=10)
    subprocess.run(["alembic", "upgrade", "head"], timeout=10)
    subprocess.run(["playwright", "install"], timeout=10)
    subprocess.run(["agent-worker"], timeout=10)
