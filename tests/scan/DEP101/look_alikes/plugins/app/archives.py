import importlib
import subprocess
import sys


def unpacked(path):
    try:
        import rarfile

        return _unpacked(path)
    except ImportError:
        return f"install rarfile to read {path}"


def _unpacked(path):
    import rarfile

    return rarfile.RarFile(path).namelist()


def install_and_import(name):
    subprocess.check_call([sys.executable, "-m", "pip", "install", name], timeout=60)
    return importlib.import_module(name)


def as_notebook(text):
    install_and_import("nbformat")
    from nbformat.v4 import new_notebook

    return new_notebook(text)
