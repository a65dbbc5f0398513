REAL = "postgresql://agent:Kd8vQz31xTq@db.tidesandharbours.com/app"  # FOUND
LONG = "postgresql://agent:Kd8vQz31xTqLm27Wb@pg.internal:5432/app"  # FOUND


def test_it_connects(connect):
    assert connect(REAL) and connect(LONG)
