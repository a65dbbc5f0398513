import git
import pytesseract
from pdf2image import convert_from_path
from pydub import AudioSegment


def read(path):
    pages = convert_from_path(path)
    return [pytesseract.image_to_string(page) for page in pages]


def heard(path):
    return AudioSegment.from_wav(path)


def history(folder):
    return git.Repo(folder).iter_commits()
