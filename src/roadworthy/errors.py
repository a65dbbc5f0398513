"""What can go wrong before a verdict: errors written for the person who reads them."""


class RoadworthyError(Exception):
    """Something of ours went wrong; the message says what, where and what to do."""


class UsageError(RoadworthyError):
    """The user can mend this: exit status 2, the message in full, never a traceback.

    The first line of the message says what is wrong and where; indented lines below say why it matters
    and what to do.
    """
