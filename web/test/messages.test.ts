import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMessage } from "../src/messages";

const messages = { shown: "{nodes} nodes, {edges} links, {nodes} again" };

test("placeholders are replaced by values, each time they occur", () => {
  assert.equal(formatMessage(messages, "shown", { nodes: 2, edges: 0 }), "2 nodes, 0 links, 2 again");
});

test("a placeholder without a value and a key without a text stay as they are", () => {
  assert.equal(formatMessage(messages, "shown", { nodes: 2 }), "2 nodes, {edges} links, 2 again");
  assert.equal(formatMessage(messages, "unknown"), "unknown");
});
