// Answers a customer's question with a model and two tools.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import * as settings from "./settings.mjs";

const MODEL = "gpt-5.4-2026-03-05";
const MODEL_TIMEOUT = 4_000; // milliseconds for one attempt
const MODEL_PATIENCE = 8_000; // for one call with all its attempts
const TOOL_TIMEOUT = 2_000;
const MOST_STEPS = 10;
const MOST_CHARACTERS = 16_384; // of a tool's output
const KNOWLEDGE = fileURLToPath(new URL("./kb", import.meta.url));

const PROMPT = `You answer questions of our shop's customers.
Look things up with the tools before you answer.
Your final answer is one JSON object and nothing else, like this:
{"answer": "Your order left our warehouse on Monday."}`;

const TOOLS = [
  tool("search", "Find lines in our policies and articles that hold a word or a short phrase.", {
    query: { type: "string", minLength: 1 },
  }),
  tool("customer", "A customer's name, plan and orders.", {
    customer_id: { type: "integer", minimum: 1 },
  }),
];

const model = new OpenAI({ apiKey: settings.key, timeout: MODEL_TIMEOUT, maxRetries: 2 });

/** A request that cannot be answered: `status` and `retryAfter` are what the caller is told of it. */
export class Failure extends Error {
  constructor(status, message, { cause, retryAfter } = {}) {
    super(message, { cause });
    Object.assign(this, { status, retryAfter });
  }
}

/** The answer's text. `signal` is aborted when the caller has gone or the request's time is up. */
export async function answer(question, signal) {
  const messages = [
    { role: "system", content: PROMPT },
    { role: "user", content: question },
  ];
  for (let step = 0; step < MOST_STEPS; step++) {
    const choice = await ask(messages, signal);
    const { content, refusal, tool_calls: calls } = choice.message;
    if (!calls?.length) {
      if (refusal) throw new Failure(422, `the model refused to answer: ${refusal}`);
      if (choice.finish_reason === "length") throw new Failure(502, "the model's answer was cut off");
      return answerIn(content ?? "");
    }
    messages.push({ role: "assistant", content, tool_calls: calls });
    const results = await Promise.all(calls.map((call) => run(call.function, signal)));
    calls.forEach((call, i) => messages.push({ role: "tool", tool_call_id: call.id, content: results[i] }));
  }
  throw new Failure(502, `the model gave no answer in ${MOST_STEPS} steps`);
}

/** One call of the model. The SDK tries again and waits as long as a 429 asks for; the signal ends all of it. */
async function ask(messages, signal) {
  const patience = within(MODEL_PATIENCE, signal);
  try {
    const body = { model: MODEL, messages, tools: TOOLS };
    return (await model.chat.completions.create(body, { signal: patience.signal })).choices[0];
  } catch (cause) {
    if (patience.signal.aborted || cause instanceof OpenAI.APIConnectionTimeoutError)
      throw new Failure(504, `the model did not answer within ${MODEL_PATIENCE / 1000} s`, { cause });
    if (cause instanceof OpenAI.RateLimitError)
      throw new Failure(429, "the model provider's rate limit is reached", { cause, retryAfter: 5 });
    if (cause instanceof OpenAI.APIConnectionError)
      throw new Failure(503, "the model provider cannot be reached", { cause, retryAfter: 1 });
    if (cause instanceof OpenAI.InternalServerError)
      throw new Failure(503, `the model provider failed with ${cause.status}`, { cause, retryAfter: 1 });
    if (cause instanceof OpenAI.APIError)
      throw new Failure(502, `the model provider refused our request with ${cause.status}`, { cause });
    throw cause;
  } finally {
    patience.done();
  }
}

/** A signal that fires after some milliseconds, or with `signal`.
 *  AbortSignal.any([signal, AbortSignal.timeout(…)]) would be shorter, but Node 20 forgets such a time-out when it
 *  collects garbage. */
export function within(milliseconds, signal) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), milliseconds);
  const abort = () => limit.abort();
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  const done = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  };
  return { signal: limit.signal, done };
}

/** The text under "answer", also out of a fence, out of prose, and with commas where none belong. */
export function answerIn(text) {
  const widest = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  for (const candidate of [widest, widest.replace(/,(?=\s*[}\]])/g, "")]) {
    try {
      const { answer } = JSON.parse(candidate);
      if (typeof answer === "string" && answer.trim()) return answer;
      throw new Failure(502, 'the model\'s JSON has no "answer"');
    } catch (error) {
      if (error instanceof Failure) throw error;
    }
  }
  throw new Failure(502, "the model's answer is not JSON");
}

function tool(name, description, properties) {
  const parameters = { type: "object", properties, required: Object.keys(properties) };
  return { type: "function", function: { name, description, parameters } };
}

/** A tool's output. One that fails says so to the model; the request goes on. */
async function run({ name, arguments: text }, signal) {
  const tools = { search, customer };
  const limit = within(TOOL_TIMEOUT, signal);
  try {
    if (!Object.hasOwn(tools, name)) throw new Error("there is no such tool");
    return (await tools[name](JSON.parse(text), limit.signal)).slice(0, MOST_CHARACTERS);
  } catch (error) {
    return JSON.stringify({ error: `${name} failed: ${error.cause?.code ?? error.message}` });
  } finally {
    limit.done();
  }
}

function search({ query }, signal) {
  const limits = ["--max-count=5", "--max-columns=300", "--max-filesize=1M", "--threads=1"];
  const words = ["--no-config", "--ignore-case", "--fixed-strings", ...limits, "-e", String(query), "."];
  const options = { cwd: KNOWLEDGE, maxBuffer: MOST_CHARACTERS, killSignal: "SIGKILL", signal };
  return new Promise((resolve, reject) => {
    execFile("rg", words, options, (error, found) => {
      const isEnough = error?.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER"; // rg was ended: that will do
      if (!error || error.code === 1 || isEnough) resolve(found || "nothing found");
      else reject(error.code === "ENOENT" ? new Error("rg is not installed") : error);
    });
  });
}

async function customer({ customer_id: id }, signal) {
  const response = await fetch(new URL(`/customers/${Number(id)}`, settings.customers), { signal });
  if (!response.ok && response.status !== 404) throw new Error(`the customer API answered ${response.status}`);
  return response.text();
}
