import docling
from bs4 import BeautifulSoup
from tqdm import tqdm


def load(name):
    return [BeautifulSoup(each) for each in tqdm(docling.read(name))]
