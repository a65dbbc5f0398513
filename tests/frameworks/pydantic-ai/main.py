"""Pydantic AI's bank support example, served by FastAPI."""

from dataclasses import dataclass

from fastapi import FastAPI
from pydantic import BaseModel, Field
from pydantic_ai import Agent, RunContext


class DatabaseConn:
    """In reality a connection to the bank's database."""

    async def customer_name(self, *, id: int) -> str | None:
        return {123: "John"}.get(id)

    async def customer_balance(self, *, id: int) -> float:
        if id != 123:
            raise ValueError("Customer not found")
        return 123.45


@dataclass
class SupportDependencies:
    customer_id: int
    db: DatabaseConn


class SupportOutput(BaseModel):
    support_advice: str = Field(description="Advice returned to the customer")
    block_card: bool = Field(description="Whether to block the customer's card")
    risk: int = Field(description="Risk level of query", ge=0, le=10)


support_agent = Agent(
    "openai:gpt-5.2",
    deps_type=SupportDependencies,
    output_type=SupportOutput,
    instructions=(
        "You are a support agent in our bank, give the customer support and judge the risk level of their query."
    ),
)


@support_agent.instructions
async def add_customer_name(ctx: RunContext[SupportDependencies]) -> str:
    customer_name = await ctx.deps.db.customer_name(id=ctx.deps.customer_id)
    return f"The customer's name is {customer_name!r}"


@support_agent.tool
async def customer_balance(ctx: RunContext[SupportDependencies]) -> float:
    """Returns the customer's current account balance."""
    return await ctx.deps.db.customer_balance(id=ctx.deps.customer_id)


app = FastAPI()


class Question(BaseModel):
    question: str


@app.post("/support")
async def support(question: Question) -> SupportOutput:
    deps = SupportDependencies(customer_id=123, db=DatabaseConn())
    result = await support_agent.run(question.question, deps=deps)
    return result.output
