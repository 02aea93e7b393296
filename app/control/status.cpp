#include "app/control/status.hpp"

#include "app/snapshot_json.hpp"
#include "config/language/value.hpp"

#include <algorithm>
#include <limits>

namespace sluice {

namespace {

using language::value;

/// Rows of numbers, one after the other, from a JSON object that may lack some.
class members {
public:
  explicit members(const value& object) : object_(object) {}

  template <class T>
  members& number(std::string_view key, T& to) {
    const auto* found = object_.find(key);
    if (found != nullptr && found->as_int() != nullptr)
      to = static_cast<T>(*found->as_int());
    return *this;
  }
  members& text(std::string_view key, std::string& to) {
    const auto* found = object_.find(key);
    if (found != nullptr && found->as_string() != nullptr)
      to = *found->as_string();
    return *this;
  }
  members& phase(std::string_view key, stream_phase& to) {
    std::string word;
    text(key, word);
    const auto found = std::find_if(stream_phases.begin(), stream_phases.end(),
                                    [&word](stream_phase x) { return to_string(x) == word; });
    if (found != stream_phases.end())
      to = *found;
    return *this;
  }
  members& flag(std::string_view key, bool& to) {
    const auto* found = object_.find(key);
    if (found != nullptr && found->as_bool() != nullptr)
      to = *found->as_bool();
    return *this;
  }

private:
  const value& object_;
};

template <class T, class F>
void each(const value& object, std::string_view key, std::vector<T>& to, F read) {
  const auto* list = object.find(key);
  if (list == nullptr || list->as_list() == nullptr)
    return;
  for (const auto& item : *list->as_list())
    read(item, to.emplace_back());
}

std::int64_t micros(flight_clock::duration d) {
  return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}

const char* name_of_wait(outside what) {
  switch (what) {
    case outside::answer:
      return "answer";
    case outside::output:
      return "output";
    case outside::display:
      return "display";
    case outside::file:
      return "file";
    case outside::nothing:
      break;
  }
  return "";
}

/// One actor: what it does now, and since when.
std::string actor_json(const flight_view& a, flight_time now) {
  auto state = a.ended ? "ended" : a.waits_for != outside::nothing ? "waiting" : a.busy() ? "busy" : "idle";
  auto since = a.waits_for != outside::nothing ? a.wait_changed
               : a.busy()                      ? a.messages.front().began
               : a.messages.empty()            ? now
                                               : a.messages.front().began + a.messages.front().took;
  json_object o;
  o.add("kind", a.name).add("id", a.actor).add("state", state).add("since_us", micros(now - since));
  o.add("mailbox", a.mailbox).add("messages", a.handled);
  o.add("message", a.messages.empty() ? std::string{} : std::string{name_of(a.messages.front().kind)});
  o.add("waits_for", name_of_wait(a.waits_for)).add("wait", a.waits_for == outside::nothing ? "" : a.wait_text);
  return o.take();
}

tl::unexpected<error> wrong(std::string message) {
  return fail(errc::bad_config, failure_type::config_error, std::move(message) + " Nothing was changed.");
}

} // namespace

std::string status_json(const run_snapshot& x, const std::vector<flight_view>& actors, flight_time now) {
  json_object o;
  add_snapshot(o, x);
  o.raw("each_actor", array_of(actors, [now](std::size_t, const flight_view& a) { return actor_json(a, now); }));
  return o.take() + "\n";
}

expected<run_snapshot> parse_status(std::string_view json) {
  auto root = language::parse_json(json);
  if (!root || root->as_dict() == nullptr)
    return fail(errc::bad_response, failure_type::system_error, "What answered there is no run of Sluice.");
  run_snapshot x;
  auto& q = x.requests;
  members{*root}
    .number("elapsed_us", x.elapsed_us)
    .number("pool_size", x.pool_size)
    .number("states", x.records.states)
    .number("requests", q.requests)
    .number("retries", q.retries)
    .number("put_off", q.put_off)
    .number("rate_limited", q.rate_limited)
    .number("in_flight", q.in_flight)
    .number("peak_in_flight", q.peak_in_flight)
    .number("queued", q.queued)
    .number("credit_used_bytes", q.credit_used_bytes)
    .number("peak_credit_bytes", q.peak_credit_bytes)
    .number("peak_fan_out", q.peak_fan_out)
    .text("retrying", q.retrying)
    .number("requests_left", x.requests_left)
    .number("left_us", x.left_us)
    .number("resident_bytes", x.resident_bytes)
    .number("processor_us", x.processor_us);
  if (const auto* limiters = root->find("limiter_us"))
    members{*limiters}
      .number("pool", q.limiters.pool_us)
      .number("quota", q.limiters.quota_us)
      .number("output", q.limiters.output_us)
      .number("fan_out", q.limiters.fan_out_us)
      .number("backoff", q.limiters.backoff_us)
      .number("memory", q.limiters.memory_us)
      .number("credential", q.limiters.credential_us)
      .number("work", q.limiters.work_us);
  each(*root, "streams", x.records.streams, [](const value& item, stream_report& s) {
    members{item}
      .text("name", s.name)
      .phase("status", s.status)
      .number("endpoint", s.endpoint)
      .number("records", s.records)
      .number("bytes", s.bytes)
      .number("pages", s.pages)
      .number("slices", s.slices_known)
      .number("slices_done", s.slices_done)
      .number("slices_failed", s.slices_failed)
      .flag("slices_final", s.slices_final)
      .number("records_expected", s.records_expected)
      .number("states", s.states)
      .text("state", s.state);
  });
  each(*root, "endpoints", q.endpoints, [](const value& item, endpoint_traffic& e) {
    members{item}
      .number("requests", e.requests)
      .number("retries", e.retries)
      .number("rate_limited", e.rate_limited)
      .number("in_flight", e.in_flight)
      .number("queued", e.queued)
      .number("answer_us", e.answer_us)
      .number("queued_us", e.queued_us)
      .number("quota_us", e.quota_us);
  });
  each(*root, "quotas", q.quotas, [](const value& item, quota_gauge& g) {
    members{item}
      .text("policy", g.policy)
      .number("limit", g.limit)
      .number("used", g.used)
      .flag("reported_by_server", g.reported_by_server)
      .number("window_us", g.window_us)
      .number("room_in_us", g.room_in_us)
      .number("resets_in_us", g.resets_in_us);
  });
  each(*root, "actors", x.actors, [](const value& item, actor_gauge& a) {
    members{item}
      .text("kind", a.kind)
      .number("count", a.count)
      .number("messages", a.messages)
      .number("mailbox", a.mailbox)
      .number("mailbox_high", a.mailbox_high)
      .number("oldest_us", a.oldest_us)
      .number("busy_us", a.busy_us)
      .number("waiting_us", a.waiting_us)
      .number("idle_us", a.idle_us);
  });
  return x;
}

expected<retune> parse_settings(std::string_view json) {
  auto root = language::parse_json(json);
  const auto* dict = root ? root->as_dict() : nullptr;
  if (dict == nullptr)
    return wrong(R"(The settings must be a JSON object: {"fetchers.pool_size": 20, "limits": {"minute": 60}}.)");
  retune wanted;
  for (const auto& [key, x] : *dict) {
    if (key == "fetchers.pool_size") {
      const auto* n = x.as_int();
      if (n == nullptr || *n < 1 || *n > std::numeric_limits<std::uint32_t>::max())
        return wrong("`fetchers.pool_size` must be a whole number from 1 on.");
      wanted.pool_size = static_cast<std::uint32_t>(*n);
    } else if (key == "limits") {
      if (x.as_dict() == nullptr)
        return wrong(R"(`limits` must be an object of rate policies and their limits: {"minute": 60}.)");
      for (const auto& [policy, limit] : *x.as_dict()) {
        if (limit.as_int() == nullptr || *limit.as_int() < 1)
          return wrong("The limit of `" + policy + "` must be a whole number from 1 on.");
        wanted.limits.push_back({policy, static_cast<std::uint64_t>(*limit.as_int())});
      }
    } else {
      return wrong("There is no setting `" + key + "`; those that can be changed while a run is on are "
                   + "`fetchers.pool_size` and `limits`.");
    }
  }
  if (wanted.pool_size == 0 && wanted.limits.empty())
    return wrong("No setting is given.");
  return wanted;
}

std::string settings_json(const retune& wanted) {
  json_object o;
  if (wanted.pool_size > 0)
    o.add("fetchers.pool_size", wanted.pool_size);
  if (!wanted.limits.empty()) {
    std::string limits;
    for (const auto& x : wanted.limits)
      limits += (limits.empty() ? "" : ",") + json_string(x.policy) + ":" + std::to_string(x.limit);
    o.raw("limits", "{" + limits + "}");
  }
  return o.take() + "\n";
}

std::string changes_json(const retuned& done) {
  if (!done.problem.empty())
    return problem_json(done.problem);
  json_object o;
  o.raw("changes", array_of(done.changes, [](std::size_t, const std::string& x) { return json_string(x); }));
  return o.take() + "\n";
}

std::string problem_json(std::string_view problem) {
  return json_object{}.add("problem", std::string{problem}).take() + "\n";
}

expected<retuned> parse_changes(std::string_view json) {
  auto root = language::parse_json(json);
  if (!root || root->as_dict() == nullptr)
    return fail(errc::bad_response, failure_type::system_error, "What answered there is no run of Sluice.");
  retuned done;
  members{*root}.text("problem", done.problem);
  each(*root, "changes", done.changes, [](const value& item, std::string& to) {
    if (item.as_string() != nullptr)
      to = *item.as_string();
  });
  return done;
}

} // namespace sluice
