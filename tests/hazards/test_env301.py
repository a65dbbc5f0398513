from tests.hazards.evidence import baseline, call, exchange, judged, observed, printed, reason, stopped, terms, trials

from roadworthy.findings import Outcome, Place
from roadworthy.manifest.model import Variable
from roadworthy.rehearsal.conditions import OnlyDeclared

DECLARED = terms(env={"OPENAI_API_KEY": Variable(secret=True)})
KEY_ERROR = """
Traceback (most recent call last):
  File "/srv/app/agent.py", line 3, in <module>
    REGION = os.environ["ORDERS_REGION"]
KeyError: 'ORDERS_REGION'
"""


def test_the_agent_is_started_once_with_the_declared_variables():
    (trial,) = trials("ENV301", DECLARED)

    assert trial.conditions == (OnlyDeclared(),)


def test_without_a_section_nothing_is_declared():
    assert reason("ENV301", terms(env=None)) == "the manifest has no `env:` section"


def test_an_agent_that_answers_passes():
    assert judged("ENV301", observed(exchange(), the=DECLARED)).verdict == Outcome.PASS


def test_an_agent_that_does_not_start_fails_and_the_variable_is_named_with_the_lines_to_add():
    verdict = judged("ENV301", observed(the=DECLARED, life=stopped(1), output=printed(KEY_ERROR)))

    assert verdict.title == "with only the declared variables: the agent did not start"
    assert verdict.where == Place("agent.py", 3, 'REGION = os.environ["ORDERS_REGION"]')
    assert verdict.fix == (
        "declare ORDERS_REGION in the manifest, as `env: {ORDERS_REGION: {}}`, and set it where the agent is deployed; "
        "or give it a default in the code"
    )


def test_an_agent_whose_request_fails_fails():
    seen = observed(exchange(status=500, body="Internal Server Error"), the=DECLARED, output=printed(KEY_ERROR))

    assert judged("ENV301", seen).title == "with only the declared variables: the request failed"


def test_a_tool_that_fails_without_an_undeclared_variable_fails():
    before = baseline(model_calls=[call(tool_results={"1": "order 1007 is on its way"})])
    seen = observed(exchange(), the=DECLARED, model_calls=[call(tool_results={"1": "Connection refused"})])

    assert judged("ENV301", seen, before).verdict == Outcome.FAIL


def test_declared_names_and_error_codes_are_not_taken_for_undeclared_variables():
    said = "OPENAI_API_KEY is set; ERR_MODULE_NOT_FOUND; CERTIFICATE_VERIFY_FAILED; GET /A_B"
    verdict = judged("ENV301", observed(the=DECLARED, life=stopped(1), output=printed(said.replace("/A_B", ""))))

    assert verdict.verdict == Outcome.FAIL
    assert "declare" not in (verdict.fix or "")
