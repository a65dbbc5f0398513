"""Tools that change something, and those that only sound like it."""

from __future__ import annotations

import pytest

from roadworthy.rehearsal.world.model.conversation import Tool
from roadworthy.rehearsal.world.model.writing_tools import writing_word


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("delete_order", "Delete an order by its id."),
        ("orders.delete", ""),
        ("sendEmail", ""),
        ("send-mail", ""),
        ("HTTPPost_create", ""),
        ("pay_invoice", ""),
        ("refund", ""),
        ("write_file", ""),
        ("execute_sql", ""),
        ("bash", ""),
        ("run_command", ""),
        ("run", ""),
        ("transfer_money", ""),
        ("book_flight", ""),
        ("post_message", ""),
        ("get_and_delete_message", ""),
        ("find_or_create_user", ""),
        ("update_ticket", ""),
        ("mailer", "Sends an e-mail to the customer."),
        ("python", "Executes Python code and returns its output."),
        ("customer_mail", "This tool is used to send a mail to a customer"),
        ("gateway", "A service that charges cards and refunds payments."),
        ("orders", "Looks up an order and cancels it."),
        ("calendar", "Book a meeting room."),
    ],
)
def test_a_tool_that_changes_something_is_told_by_name_or_description(name: str, description: str) -> None:
    assert writing_word(Tool(name, description)) is not None


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("list_orders", "List the customer's orders."),
        ("get_payment_status", "The status of a payment."),
        ("search_sent_mail", "Search the mail that was sent."),
        ("getDeletedItems", ""),
        ("check_refund_policy", ""),
        ("find_write_offs", ""),
        ("order_status", ""),
        ("book_details", ""),
        ("run_search", ""),
        ("charge_history", ""),
        ("orders_list", "Use before you delete an order."),
        ("weather", "Current weather in a city. Does not store anything."),
        ("search", "Searches all documents, deleted ones too."),
        ("rg", "Search files with ripgrep. Never writes."),
        ("faq", "Answers questions on how to cancel a subscription."),
        ("policy", "The rules for refunds and payments."),
        ("transfer_to_billing_agent", "Hand the conversation over to billing."),
        ("add_numbers", "Add two numbers."),
        ("lookup_customer", "Look up a customer; to update one use another tool."),
        ("calculator", "Evaluate an arithmetic expression."),
        ("", ""),
        ("42", ""),
    ],
)
def test_a_tool_that_only_looks_is_left_alone(name: str, description: str) -> None:
    assert writing_word(Tool(name, description)) is None


def test_annotations_count_more_than_names() -> None:
    assert writing_word(Tool("delete_order", annotations={"readOnlyHint": True})) is None
    assert writing_word(Tool("list_orders", annotations={"destructiveHint": True})) == "destructiveHint"


NUMBER, TEXT = {"type": "integer"}, {"type": "string"}


@pytest.mark.parametrize(
    "properties",
    [
        {"a": NUMBER, "b": NUMBER},
        {"x": {"type": "number"}, "y": {"type": "number"}},
        {"first_number": NUMBER, "second_number": NUMBER},
        {"numbers": {"type": "array", "items": {"type": "number"}}},
    ],
)
def test_adding_numbers_changes_nothing(properties: dict[str, object]) -> None:
    schema = {"type": "object", "properties": properties}

    assert writing_word(Tool("add", "Adds `a` and `b`.", schema)) is None


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("add", {}),
        ("add", {"value": NUMBER}),
        ("add", {"a": TEXT, "b": TEXT}),
        ("add", {"item_id": NUMBER, "quantity": NUMBER}),
        ("add", {"numbers": {"type": "array", "items": TEXT}}),
        ("add_item", {"a": NUMBER, "b": NUMBER}),
        ("delete", {"a": NUMBER}),
    ],
)
def test_adding_to_something_changes_it(name: str, properties: dict[str, object]) -> None:
    assert writing_word(Tool(name, "", {"type": "object", "properties": properties})) is not None
