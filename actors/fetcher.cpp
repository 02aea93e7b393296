#include "actors/fetcher.hpp"

#include "actors/support/trace_text.hpp"
#include "messages/text/ascii.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sluice {

namespace {

std::vector<std::string> headers_of_interest(const plan& of) {
  std::vector<std::string> result{"retry-after", "date"};
  const auto add = [&result](const auto& quota) {
    for (const auto* name : {&quota.limit_header, &quota.remaining_header, &quota.reset_header})
      if (!name->empty())
        result.push_back(*name);
  };
  for (const auto& policy : of.budget.policies)
    add(policy);
  for (const auto& c : of.credentials)
    if (const auto* pool = pool_of(c))
      std::for_each(pool->quotas.begin(), pool->quotas.end(), add);
  return result;
}

} // namespace

void fetcher_state::work(permit x) {
  const auto& request = x.request;
  const auto& e = plan->endpoints[request.slice.endpoint];
  const auto ticket = x.ticket;
  // What ends requests in flight ends the templates of their pages, too.
  const language::evaluation_stop until_abort{session->aborted()};
  auto built = build_request(*plan, e, request, x.credential.get());
  if (!built) {
    auto reading = reader->read_failure(std::move(x.request), built.error(), e.request.url_base);
    reading.outcome.sent = false;
    hand_on(std::move(reading), ticket);
  } else if (request.page == 1 && !request.slice.first_page.empty()) {
    hand_on(read_given(std::move(x.request), built->url, std::move(x.buffer)), ticket);
  } else {
    begin(std::move(x), {built->method, built->url, std::move(built->headers), std::move(built->body)});
  }
}

void fetcher_state::begin(permit x, net::request call) {
  trace_begin(x);
  const auto& request = x.request;
  record->await(outside::answer, request.slice.label + " page " + std::to_string(request.page) + ", try "
                                   + std::to_string(request.attempt + 1));
  const auto ticket = x.ticket;
  under_way.emplace(flight{std::move(x), call.url, std::chrono::steady_clock::now()});
  // Weak, so that no request keeps a fetcher alive. The page is read where it came in: see docs/architecture.md.
  session->start(std::move(call), [me = caf::weak_actor_ptr{self->ctrl()}, here = reading_here, ticket] {
    if (const auto alive = me.lock())
      here->bring(alive, answer_arrived{ticket});
  });
}

void fetcher_state::end(std::uint64_t ticket) {
  if (!under_way || under_way->use.ticket != ticket)
    return;
  record->wait_ended();
  auto x = std::move(*under_way);
  under_way.reset();
  auto answer = session->take();
  trace_end(x.use, answer);
  const language::evaluation_stop until_abort{session->aborted()};
  hand_on(read(x, std::move(answer)), ticket);
}

page_reading fetcher_state::read_given(page_request request, std::string_view url, std::string buffer) {
  constexpr int ok = 200;
  const header_list headers;
  std::string body = request.slice.first_page;
  reader->collect_keys(trace != nullptr && trace->on());
  auto reading
    = reader->read_answer(std::move(request), {ok, headers, body, url, session->aborted()}, wall(), std::move(buffer));
  reading.outcome.page_bytes = reader->memory();
  reading.outcome.sent = false;
  reader->release();
  return reading;
}

page_reading fetcher_state::read(flight& x, http_answer answer) {
  auto& request = x.use.request;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - x.began);
  request.retrying_us += took.count();
  if (!answer) {
    auto reading = reader->read_failure(std::move(request), answer.error().error, x.url);
    reading.outcome.took_us = took.count();
    reading.outcome.sent = answer.error().sent;
    return reading;
  }
  reader->collect_keys(trace != nullptr && trace->on());
  auto reading
    = reader->read_answer(std::move(request),
                          {answer->status, answer->headers, answer->body, answer->url.empty() ? x.url : answer->url,
                           session->aborted(), x.use.renewable, took},
                          wall(), std::move(x.use.buffer));
  auto& outcome = reading.outcome;
  outcome.took_us = took.count();
  outcome.feedback.status = answer->status;
  outcome.feedback.headers = quota_headers_of(*answer);
  outcome.unknown_coding = std::move(answer->unknown_coding);
  outcome.page_bytes = reader->memory();
  reader->release();
  session->reuse(std::move(answer->body));
  return reading;
}

void fetcher_state::hand_on(page_reading reading, std::uint64_t ticket) {
  reading.outcome.fetcher = number;
  reading.outcome.ticket = ticket;
  for (const auto& remark : reading.remarks)
    spdlog::log(remark.warns ? spdlog::level::warn : spdlog::level::info, "{}", remark.text);
  for (auto& batch : reading.parents) {
    const auto edge = batch.edge;
    self->send(links.fan_outs[edge], std::move(batch));
  }
  if (reading.batch)
    self->send(links.emitter, std::move(*reading.batch));
  else
    self->send(links.emitter, no_page{});
  self->send(links.governor, std::move(reading.outcome));
}

void fetcher_state::trace_begin(const permit& x) const {
  if (trace == nullptr || !trace->on())
    return;
  const auto& request = x.request;
  std::string args;
  trace_args{args}.number("attempt", request.attempt);
  trace->begin_span({"http", x.ticket, plan->endpoints[request.slice.endpoint].name, self->id()},
                    {request.slice.id, request.page, request.slice.label}, flight_clock::now(), args);
}

void fetcher_state::trace_end(const permit& x, const http_answer& answer) const {
  if (trace == nullptr || !trace->on())
    return;
  const auto& request = x.request;
  std::string args;
  trace_args more{args};
  more.number("status", answer ? answer->status : 0);
  more.number("bytes", answer ? answer->body.size() : 0);
  if (!answer)
    more.text("error", trace->masked(answer.error().error.message));
  trace->end_span({"http", x.ticket, plan->endpoints[request.slice.endpoint].name, self->id()},
                  {request.slice.id, request.page, request.slice.label}, flight_clock::now(), args);
}

header_list fetcher_state::quota_headers_of(const net::response& answer) const {
  header_list result;
  for (const auto& [key, text] : answer.headers)
    if (std::any_of(quota_headers.begin(), quota_headers.end(),
                    [&name = key](const auto& wanted) { return equals_ignoring_case(wanted, name); }))
      result.push_back({key, text});
  return result;
}

fetcher_actor::behavior_type fetcher(fetcher_self* self, std::uint32_t number, plan_ptr plan,
                                     std::shared_ptr<net::transport> transport, fetcher_links links,
                                     retry_limits limits, std::uint64_t max_body_bytes, wall_clock wall) {
  install_handlers(self);
  auto& state = self->state;
  state.number = number;
  state.plan = plan;
  state.session = transport->open_async_session();
  state.reading_here = std::make_shared<on_the_spot>(self->home_system());
  state.links = std::move(links);
  state.wall = std::move(wall);
  state.reader = std::make_unique<page_reader>(plan, limits, max_body_bytes, state.links.spare_indexes);
  state.quota_headers = headers_of_interest(*plan);
  return {
    [self](permit& x) { self->state.work(std::move(x)); },
    [self](const answer_arrived& x) { self->state.end(x.ticket); },
  };
}

} // namespace sluice
