"""Rules of NET over what libraries fetch by themselves: models, tokenizers' tables, corpora."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.network import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.values import UNKNOWN

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

DOWNLOADS = {
    "sentence_transformers.SentenceTransformer": "the model",
    "sentence_transformers.CrossEncoder": "the model",
    "langchain_huggingface.HuggingFaceEmbeddings": "the model",
    "langchain_community.embeddings.HuggingFaceEmbeddings": "the model",
    "fastembed.TextEmbedding": "the model",
    "transformers.pipeline": "the model",
    "tiktoken.get_encoding": "the tokenizer's table",
    "tiktoken.encoding_for_model": "the tokenizer's table",
    "nltk.download": "the corpus",
    "huggingface_hub.snapshot_download": "the repository",
    "huggingface_hub.hf_hub_download": "the file",
    "whisper.load_model": "the model",
    "faster_whisper.WhisperModel": "the model",
    "torch.hub.load": "the repository",
    "spacy.cli.download": "the model",
    "spacy.cli.download.download": "the model",
    "easyocr.Reader": "the models",
    "chromadb.utils.embedding_functions.DefaultEmbeddingFunction": "the model",
    "chromadb.utils.embedding_functions.SentenceTransformerEmbeddingFunction": "the model",
}
"""What fetches a file at its first use, and what it is."""
ALWAYS = ("tiktoken.", "nltk.", "huggingface_hub.", "fastembed.")
"""Libraries that fetch whatever they are told: others take a folder of one's own as well."""
KEPT_IN = {
    "tiktoken": "TIKTOKEN_CACHE_DIR",
    "nltk": "NLTK_DATA",
    "torch": "TORCH_HOME",
    **dict.fromkeys(("sentence_transformers", "transformers", "huggingface_hub", "langchain_huggingface"), "HF_HOME"),
    "fastembed": "FASTEMBED_CACHE_PATH",
}
"""Library → the variable that says in which folder it keeps what it has fetched."""


@hazard.rule("NET104", "download at start or first use")
def downloads(module: Module) -> Iterator[Finding]:
    """A library fetches a model, a tokenizer's table or a corpus from the Internet when it is first used.

    Quiet for what is loaded from a folder of one's own, with `local_files_only`, and in examples.

    Why: production closes the way out, or has a fresh disk at each start: the first request fails, or waits for
    hundreds of megabytes.

    Mend: fetch it while the image is built, and load it from there.
    """
    for call in module.calls_to(*DOWNLOADS):
        yield from _download(module, call, DOWNLOADS[call.name])
    for call in module.methods("from_pretrained"):
        yield from _download(module, call, "the model")


def _download(module: Module, call: Call, what: str) -> Iterator[Finding]:
    if module.moment(call) in (Moment.EXAMPLE, Moment.COMMAND) or call.constant(None, "local_files_only") is True:
        return
    name = call.argument(0) or call.argument(None, "model_name") or call.argument(None, "model_name_or_path")
    value = module.constant(name)
    text = value if isinstance(value, str) else None
    if name is not None and text is None and value is UNKNOWN and not call.name.startswith(ALWAYS):
        return  # where it comes from is said elsewhere
    if text is not None and text.startswith(("/", "./", "../")):
        return
    shown = f" {text!r}" if text else ""
    variable = KEPT_IN.get(call.name.partition(".")[0])
    folder = (
        "load it from that folder" if variable is None else f"set {variable} to that folder there and in production"
    )
    yield module.finding(
        call,
        f"fetches {what}{shown} from the Internet at first use",
        why="where outbound is closed it fails, and on a fresh disk each start waits for it",
        fix=f"fetch it while the image is built, and {folder}",
        severity=Severity.WARNING,
    )
