import pytest
from tests.hazards.evidence import call, exchange, observed, printed

from roadworthy.hazards.wording import exit_words, told
from roadworthy.hazards.words import listed, one_line, size, span


@pytest.mark.parametrize(("seconds", "text"), [(0.0412, "41 ms"), (1.04, "1.0 s"), (75.0, "75.0 s")])
def test_a_duration_is_read_in_its_own_unit(seconds, text):
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(12, "12 bytes"), (2048, "2 KiB"), (512 * 1024**2, "512 MiB"), (1.5 * 1024**3, "1.5 GiB")]
)
def test_a_size_is_read_in_its_own_unit(count, text):
    assert size(count) == text


@pytest.mark.parametrize(("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_names_are_listed_as_in_a_sentence(names, text):
    assert listed(names) == text


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (0, "it exited with status 0"),
        (-15, "it was ended by SIGTERM"),
        (-99, "it was ended by signal 99"),
        (None, "it ended"),
    ],
)
def test_an_exit_is_said_in_words(status, text):
    assert exit_words(status) == text


def test_a_long_text_is_cut_on_one_line():
    assert one_line("a\n  b\tc", 10) == "a b c"
    assert one_line("abcdef", 4) == "abc…"


def test_an_answer_that_is_none_is_told_with_its_reason():
    request = exchange(body={"result": "…"})

    assert told(observed(request), request) == "POST /agent -> 200 after 100 ms: the answer has nothing at $.output"


def test_a_page_is_told_by_what_a_browser_shows_of_it():
    page = "<!doctype html>\n<html lang=en>\n<title>Error</title>\n<h1>No</h1>\n<p>It&#39;s 4 &lt; 5.</p>"
    request = exchange(status=500, body=page)

    assert told(observed(request), request) == 'POST /agent -> 500 after 100 ms: "No It\'s 4 < 5."'


def test_an_answer_that_only_holds_a_tag_is_told_as_it_is():
    request = exchange(status=500, body="expected <str>, got <int>")

    assert told(observed(request), request).endswith('"expected <str>, got <int>"')


def test_output_from_before_the_request_is_not_its_own():
    request = exchange(status=500, body="", due=2.0)
    seen = observed(request, output=printed("ValueError: an older one", at=1.0))

    assert told(seen, request) == "POST /agent -> 500 after 100 ms"


def test_what_the_provider_refused_is_told():
    request = exchange(status=502, body="")
    seen = observed(request, model_calls=[call(refused="a tool result without its call")])

    assert told(seen, request).endswith("; the provider refused its call: a tool result without its call")
