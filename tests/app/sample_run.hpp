#pragma once

#include "messages/run.hpp"

#include <cmath>
#include <ostream>
#include <string>
#include <utility>

namespace sluice::test {

/// A number that equals others but for rounding.
struct near {
  explicit near(double x) : value(x) {}
  friend bool operator==(double a, const near& b) { return std::abs(a - b.value) < 1e-6; }
  friend std::ostream& operator<<(std::ostream& out, const near& x) { return out << x.value; }
  double value;
};

inline stream_report sample_stream(std::string name, stream_phase status, std::int64_t endpoint, std::uint64_t records,
                                   std::uint64_t pages, std::uint64_t done, std::uint64_t known, bool final) {
  stream_report s;
  s.name = std::move(name);
  s.status = status;
  s.endpoint = endpoint;
  s.records = records;
  s.bytes = records * 100;
  s.pages = pages;
  s.slices_done = done;
  s.slices_known = known;
  s.slices_final = final;
  return s;
}

inline endpoint_progress sample_endpoint(std::string name, std::uint64_t pages, std::uint64_t done, std::uint64_t known,
                                         bool final) {
  endpoint_progress e;
  e.name = std::move(name);
  e.pages = pages;
  e.slices_done = done;
  e.slices_known = known;
  e.slices_final = final;
  return e;
}

/// A run in its middle in which everything is known: five streams of four endpoints, one shared by two streams.
inline run_snapshot sample_run() {
  run_snapshot x;
  x.elapsed_us = 83'400'000;
  x.pool_size = 10;
  x.resident_bytes = 25'300'000;
  x.processor_us = 1'200'000;
  x.requests_left = 240;
  x.left_us = 170'000'000;

  auto& streams = x.records.streams;
  streams.push_back(sample_stream("surveys", stream_phase::complete, 0, 60, 7, 7, 7, true));
  streams.back().states = 2;
  streams.back().state = R"({"date_modified":1759276799})";
  streams.push_back(sample_stream("survey_responses", stream_phase::running, 1, 1234, 24, 12, 60, false));
  streams.back().records_expected = 2345;
  streams.push_back(sample_stream("survey_details", stream_phase::running, 2, 40, 40, 40, 60, true));
  streams.push_back(sample_stream("survey_pages", stream_phase::running, 2, 97, 40, 40, 60, true));
  streams.push_back(sample_stream("collectors", stream_phase::waiting, 3, 0, 0, 0, 0, false));
  x.records.endpoints
    = {sample_endpoint("surveys", 7, 7, 7, true), sample_endpoint("survey_responses", 24, 12, 60, false),
       sample_endpoint("survey_details", 40, 40, 60, true), sample_endpoint("collectors", 0, 0, 0, false)};
  x.records.states = 2;

  auto& r = x.requests;
  r.requests = 76;
  r.retries = 2;
  r.rate_limited = 1;
  r.in_flight = 2;
  r.peak_in_flight = 10;
  r.queued = 23;
  r.endpoints.resize(4);
  r.endpoints[0] = {7, 0, 0, 0, 0, 420'000, 70'000, 0};
  r.endpoints[1] = {28, 2, 1, 2, 20, 54'600'000, 84'000'000, 70'000'000};
  r.endpoints[1].answers[class_of_answer(800'000)] = 9;
  r.endpoints[1].answers[class_of_answer(2'000'000)] = 16;
  r.endpoints[1].answers[class_of_answer(90'000'000)] = 1;
  r.endpoints[2] = {41, 0, 0, 0, 3, 2'460'000, 41'000'000, 20'500'000};
  quota_gauge minute;
  minute.policy = "minute";
  minute.limit = 120;
  minute.used = 96;
  minute.reported_by_server = true;
  minute.window_us = 60'000'000;
  minute.resets_in_us = 23'000'000;
  auto day = minute;
  day.policy = "day";
  day.limit = 500;
  day.window_us = 86'400'000'000;
  day.resets_in_us = 39'780'000'000;
  r.quotas = {minute, day};
  r.limiters.pool_us = 60'000'000;
  r.limiters.quota_us = 20'400'000;
  r.limiters.work_us = 3'000'000;

  actor_gauge fetchers;
  fetchers.kind = "fetcher";
  fetchers.count = 10;
  fetchers.messages = 76;
  fetchers.mailbox_high = 1;
  fetchers.busy_us = 300'000;
  fetchers.waiting_us = 57'000'000;
  fetchers.idle_us = 776'700'000;
  actor_gauge emitter;
  emitter.kind = "emitter";
  emitter.count = 1;
  emitter.messages = 91;
  emitter.mailbox = 3;
  emitter.mailbox_high = 12;
  emitter.oldest_us = 1500;
  emitter.busy_us = 200'000;
  emitter.idle_us = 83'200'000;
  x.actors = {fetchers, emitter};
  return x;
}

/// A snapshot in which nothing that may be unknown is known.
inline run_snapshot bare_run() {
  run_snapshot x;
  x.elapsed_us = 1'500'000;
  x.pool_size = 10;
  x.requests.requests = 30;
  x.requests.in_flight = 10;
  x.records.streams.push_back(sample_stream("surveys", stream_phase::running, -1, 12, 3, 3, 7, false));
  return x;
}

} // namespace sluice::test
