import git
import pytesseract
from pdf2image import convert_from_path
from pydub import AudioSegment


def read(path):
    pages = convert_from_path(path)  # FOUND
    return [pytesseract.image_to_string(page) for page in pages]  # FOUND


def heard(path):
    return AudioSegment.from_file(path)  # FOUND


def history(folder):
    return git.Repo(folder).iter_commits()  # FOUND
