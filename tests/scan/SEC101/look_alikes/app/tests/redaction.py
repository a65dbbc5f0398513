SECRET_KEY = "MGmSrCGIZEG8pSH4487q7J58m1CiAhzC"


def test_keys_are_not_shown(redacted):
    assert "sk-ant-api03-fake-key-for-redaction-tests-only-000000000000" not in redacted
    assert "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" not in redacted
    assert "AKIAIOSFODNN7EXAMPLE" not in redacted
