def test_the_search_answers(search):
    assert search("roads", key="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")  # FOUND
