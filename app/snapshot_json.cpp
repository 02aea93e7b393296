#include "app/snapshot_json.hpp"

namespace sluice {

namespace {

std::string stream_json(const stream_report& s) {
  json_object o;
  o.add("name", s.name).add("status", to_string(s.status)).add("endpoint", s.endpoint);
  o.add("records", s.records).add("bytes", s.bytes).add("pages", s.pages);
  o.add("slices", s.slices_known).add("slices_done", s.slices_done).add("slices_failed", s.slices_failed);
  o.add("slices_final", s.slices_final).add("records_expected", s.records_expected);
  return o.add("states", s.states).add("state", s.state).take();
}

std::string endpoint_json(const endpoint_traffic& e, const endpoint_progress* p) {
  json_object o;
  if (p != nullptr) {
    o.add("name", p->name).add("pages", p->pages).add("pages_left", p->pages_left);
    o.add("slices", p->slices_known).add("slices_done", p->slices_done).add("slices_failed", p->slices_failed);
    o.add("slices_final", p->slices_final);
  }
  o.add("requests", e.requests).add("retries", e.retries).add("rate_limited", e.rate_limited);
  o.add("in_flight", e.in_flight).add("queued", e.queued);
  return o.add("answer_us", e.answer_us).add("queued_us", e.queued_us).add("quota_us", e.quota_us).take();
}

std::string quota_json(const quota_gauge& q) {
  json_object o;
  o.add("policy", q.policy).add("limit", q.limit).add("used", q.used).add("reported_by_server", q.reported_by_server);
  return o.add("window_us", q.window_us).add("room_in_us", q.room_in_us).add("resets_in_us", q.resets_in_us).take();
}

std::string actor_json(const actor_gauge& a) {
  json_object o;
  o.add("kind", a.kind).add("count", a.count).add("messages", a.messages);
  o.add("mailbox", a.mailbox).add("mailbox_high", a.mailbox_high).add("oldest_us", a.oldest_us);
  return o.add("busy_us", a.busy_us).add("waiting_us", a.waiting_us).add("idle_us", a.idle_us).take();
}

} // namespace

void add_snapshot(json_object& o, const run_snapshot& x) {
  const auto& q = x.requests;
  const auto& progress = x.records.endpoints;
  json_object limiters;
  limiters.add("pool", q.limiters.pool_us).add("quota", q.limiters.quota_us).add("output", q.limiters.output_us);
  limiters.add("fan_out", q.limiters.fan_out_us).add("backoff", q.limiters.backoff_us);
  limiters.add("memory", q.limiters.memory_us)
    .add("credential", q.limiters.credential_us)
    .add("work", q.limiters.work_us);

  o.add("elapsed_us", x.elapsed_us).add("pool_size", x.pool_size);
  o.raw("streams", array_of(x.records.streams, [](std::size_t, const stream_report& s) { return stream_json(s); }));
  o.raw("endpoints", array_of(q.endpoints, [&progress](std::size_t i, const endpoint_traffic& e) {
          return endpoint_json(e, i < progress.size() ? &progress[i] : nullptr);
        }));
  o.add("states", x.records.states).add("requests", q.requests).add("retries", q.retries).add("put_off", q.put_off);
  o.add("rate_limited", q.rate_limited).add("in_flight", q.in_flight).add("queued", q.queued);
  o.add("peak_in_flight", q.peak_in_flight).add("credit_used_bytes", q.credit_used_bytes);
  o.add("peak_credit_bytes", q.peak_credit_bytes).add("peak_fan_out", q.peak_fan_out);
  o.add("retrying", q.retrying);
  o.add("requests_left", x.requests_left).add("left_us", x.left_us);
  o.add("resident_bytes", x.resident_bytes).add("processor_us", x.processor_us);
  o.raw("limiter_us", limiters.take());
  o.raw("quotas", array_of(q.quotas, [](std::size_t, const quota_gauge& g) { return quota_json(g); }));
  o.raw("idle_policies",
        array_of(q.idle_policies, [](std::size_t, const std::string& name) { return json_string(name); }));
  o.raw("actors", array_of(x.actors, [](std::size_t, const actor_gauge& a) { return actor_json(a); }));
}

} // namespace sluice
