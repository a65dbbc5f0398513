import os
import platform
import shutil
import subprocess
import sys


def slim_image_has_it(path):
    subprocess.run(["grep", "-r", "todo", path], timeout=10)
    subprocess.run(["find", path, "-name", "*.py", "-exec", "wc", "-l", "{}", ";"], timeout=10)
    os.system("ls | sort | uniq -c | awk '{print $1}'")


def own_python(code):
    subprocess.run([sys.executable, "-c", code], timeout=10)
    subprocess.run(["python3", "-m", "app"], timeout=10)
    subprocess.run([sys.executable, "-m", "pip", "list"], timeout=10)


def asks_first(pattern):
    if shutil.which("rg") is None:
        return [line for line in open("/srv/notes.txt") if pattern in line]
    return subprocess.run(["rg", pattern], capture_output=True, timeout=10).stdout


def asks_by_its_version(source):
    try:
        subprocess.run(["ffmpeg", "-version"], check=True, timeout=10)
    except (OSError, subprocess.CalledProcessError):
        return None
    return subprocess.run(["ffmpeg", "-i", source, "out.mp3"], timeout=10)


def is_there(program):
    return shutil.which(program) is not None


def asks_by_a_function(sound):
    if is_there("mpv"):
        subprocess.run(["mpv", sound], timeout=10)


def tells_that_it_is_not_there():
    try:
        return subprocess.run(["ollama", "list"], capture_output=True, check=True, timeout=10).stdout
    except Exception:
        print("Ollama is not installed: see ollama.com")
        return None


def of_another_system(path):
    if sys.platform == "darwin":
        subprocess.run(["open", path], timeout=10)
    elif platform.system() == "Windows":
        subprocess.run(["explorer", path], timeout=10)
        subprocess.run(["cmd.exe", "/c", "dir"], timeout=10)


def not_known(command, words):
    subprocess.run(command, timeout=10)
    subprocess.run([words[0], "--version"], timeout=10)
    subprocess.run(f"{command} --help", shell=True, timeout=10)


def own_script():
    subprocess.run(["./build.sh"], timeout=10)


class Database:
    def run(self, query):
        return query


def not_a_program():
    Database().run(["rg", "x"])
    print("rg is not installed; apt-get install ripgrep")
