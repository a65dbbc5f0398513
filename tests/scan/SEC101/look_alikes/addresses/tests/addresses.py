ONE = "postgresql://alice:s3cret@db.example.com/app"
OTHER = "postgresql+asyncpg://bob:hunter22@pg.internal:5432/agent"
CACHE = "redis://:pass99@cache.local:6379/0"


def test_the_password_is_hidden(hidden):
    assert "s3cret" not in hidden(ONE) + hidden(OTHER) + hidden(CACHE)
