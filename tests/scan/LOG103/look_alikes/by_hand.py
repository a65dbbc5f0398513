import logging


def backfill(rows: list[dict]) -> int:
    return len([row for row in rows if row["overdue"]])


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    logging.info("%d rows", backfill([]))
