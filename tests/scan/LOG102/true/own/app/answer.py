from app.store import keep, note


def answered(row):
    try:
        keep(row)
    except Exception:  # FOUND
        pass
    return row


def noted(text):
    try:
        note(text)
    except Exception:  # FOUND
        return False
    return True
