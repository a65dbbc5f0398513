import asyncio
import os
import subprocess


def search(pattern, folder):
    return subprocess.run(["rg", "--json", pattern, folder], capture_output=True, timeout=10)  # FOUND


def again(pattern):
    return subprocess.run(["rg", pattern], timeout=10)


async def convert(source, target):
    process = await asyncio.create_subprocess_exec("ffmpeg", "-i", source, target)  # FOUND
    return await process.wait()


def piped(text):
    os.system(f"cat notes.txt | grep {text} | jq .")  # FOUND


def behind(folder):
    subprocess.run("find . -name '*.py' | xargs ag todo", shell=True, timeout=10)  # FOUND


def in_a_shell(branch):
    command = ["bash", "-c", f"cd /srv && git checkout {branch}"]
    subprocess.check_call(command, timeout=10)  # FOUND


def grows(path, quality):
    command = ["pandoc", path]
    if quality:
        command += ["--pdf-engine=xelatex"]
    return subprocess.check_output(command, timeout=10)  # FOUND


class Machine:
    def run_program(self, words):
        return subprocess.run(words, capture_output=True, timeout=10)

    def processes(self):
        return self.run_program(["ps", "aux"])  # FOUND


async def run_words(*words):
    return await asyncio.create_subprocess_exec(*words)


async def picture(name):
    await run_words("sudo", "-u", "agent", "convert", name, "out.png")  # FOUND


def document(path):
    for program in ("libreoffice", "soffice"):
        done = subprocess.run([program, "--headless", "--convert-to", "pdf", path], timeout=10)  # FOUND
        if done.returncode == 0:
            return done


def version():
    return subprocess.check_output(["node", "--version"], timeout=10)  # FOUND


def screenshot(path):
    subprocess.run(["screencapture", "-x", path], check=True, timeout=10)  # FOUND


def swallows_its_absence(text):
    try:
        return subprocess.run(["aspell", "list"], input=text, timeout=10)  # FOUND
    except Exception:
        return "no mistakes found"
