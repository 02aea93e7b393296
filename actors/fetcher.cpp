#include "actors/fetcher.hpp"

#include "actors/core/pages/endless_list.hpp"
#include "actors/core/pages/list_drift.hpp"
#include "actors/support/trace_text.hpp"
#include "messages/text/ascii.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace sluice {

namespace {

std::vector<std::string> headers_of_interest(const api_budget& definition) {
  std::vector<std::string> result{"retry-after", "date"};
  for (const auto& p : definition.policies)
    for (const auto* name : {&p.limit_header, &p.remaining_header, &p.reset_header})
      if (!name->empty())
        result.push_back(*name);
  return result;
}

std::int64_t seconds_text(std::chrono::microseconds d) {
  return std::chrono::duration_cast<std::chrono::seconds>(d + std::chrono::milliseconds{500}).count();
}

error interrupted_evaluation() {
  return {errc::interrupted, failure_type::transient_error, "The run ended before the answer was read.", {}};
}

} // namespace

void fetcher_state::work(permit x) {
  auto& request = x.request;
  buffer = std::move(x.buffer);
  const auto& e = plan->endpoints[request.slice.endpoint];
  // What ends requests in flight ends the templates of their pages, too.
  const language::evaluation_stop until_abort{session->aborted()};
  page_outcome outcome;
  outcome.fetcher = number;
  outcome.ticket = x.ticket;
  outcome.page = request.page;
  outcome.sent = false;
  auto begin = std::chrono::steady_clock::now();
  auto elapsed = [begin] {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count();
  };

  auto built = build_request(*plan, e, request);
  if (!built) {
    apply(judge_failure(e, request, built.error(), e.request.url_base, limits), request, outcome);
  } else {
    net::request call{built->method, built->url, std::move(built->headers), {}};
    auto answer = send(call, request, x.ticket);
    outcome.took_us = elapsed();
    request.retrying_us += outcome.took_us;
    if (answer) {
      outcome.sent = true;
      outcome.feedback = feedback_of(*answer);
      outcome.unknown_coding = std::move(answer->unknown_coding);
      take_answer(e, request, call.url, *answer, outcome);
      outcome.page_bytes = cutter->memory();
      cutter->release();
      session->reuse(std::move(answer->body));
    } else {
      outcome.sent = answer.error().sent;
      apply(judge_failure(e, request, answer.error().error, call.url, limits), request, outcome);
    }
  }
  if (!std::exchange(page_sent, false))
    self->send(links.emitter, no_page{});
  outcome.request = std::move(request);
  self->send(links.governor, std::move(outcome));
}

tl::expected<net::response, net::transport_failure>
fetcher_state::send(const net::request& call, const page_request& request, std::uint64_t ticket) {
  const message_place place{request.slice.id, request.page, request.slice.label};
  const trace_log::span span{"http", ticket, plan->endpoints[request.slice.endpoint].name, self->id()};
  const bool traces = trace != nullptr && trace->on();
  if (traces) {
    std::string args;
    trace_args{args}.number("attempt", request.attempt);
    trace->begin_span(span, place, flight_clock::now(), args);
  }
  auto answer = [&] {
    outside_wait waiting{*record, outside::answer,
                         request.slice.label + " page " + std::to_string(request.page) + ", try "
                           + std::to_string(request.attempt + 1)};
    return session->send(call);
  }();
  if (traces) {
    std::string args;
    trace_args more{args};
    more.number("status", answer ? answer->status : 0);
    more.number("bytes", answer ? answer->body.size() : 0);
    if (!answer)
      more.text("error", trace->masked(answer.error().error.message));
    trace->end_span(span, place, flight_clock::now(), args);
  }
  return answer;
}

void fetcher_state::take_answer(const endpoint& e, page_request& request, const std::string& url, net::response& answer,
                                page_outcome& outcome) {
  const bool no_content = has_no_content(e.request.method, answer.status);
  auto response
    = no_content ? expected<language::value>{language::value_dict{}} : cutter->read_response(e, answer.body);
  answer_view view;
  view.status = answer.status;
  view.headers = &answer.headers;
  view.body = answer.body;
  view.response = response.value_or(language::value{language::value_dict{}});
  view.url = url;
  auto judgement = judge_answer(*plan, e, request, view, limits, wall());
  if (const auto* aborted = session->aborted(); aborted != nullptr && aborted->load()) {
    // Predicates may have been cut short.
    apply(judge_failure(e, request, interrupted_evaluation(), url, limits), request, outcome);
    return;
  }
  if (auto refused = cutter->refusal()) {
    apply(judge_failure(e, request, *refused, url, limits), request, outcome);
    return;
  }
  if (judgement.action == response_action::ignore) {
    // As in the reference: what is ignored is that a good answer matched, not the page that came with it. Only one that
    // cannot be read has no records; whatever else is wrong with it is a failure like any other.
    auto page = answer.status < 400 && response
                  ? cut(e, request, answer)
                  : expected<cut_page>{fail(errc::bad_page, failure_type::system_error, "")};
    if (page) {
      if (auto taken = take_page(e, request, url, answer, *response, std::move(*page), outcome); !taken)
        apply(judge_failure(e, request, taken.error(), url, limits), request, outcome);
      return;
    }
    spdlog::info("{}: answer {} ignored as the manifest says; the slice ends here", request.slice.label, answer.status);
    take_nothing(e, request, outcome);
    return;
  }
  if (judgement.action == response_action::success) {
    auto page = response ? cut(e, request, answer) : expected<cut_page>{tl::unexpected(response.error())};
    auto taken = page ? take_page(e, request, url, answer, *response, std::move(*page), outcome)
                      : expected<void>{tl::unexpected(page.error())};
    if (!taken)
      apply(judge_failure(e, request, taken.error(), url, limits), request, outcome);
    return;
  }
  if (judgement.action == response_action::rate_limited) {
    outcome.feedback.rate_limited = true;
    if (judgement.wait_is_explicit)
      outcome.feedback.wait_us = judgement.wait.count();
  }
  outcome.feedback.wait_refused = judgement.wait_refused;
  apply(std::move(judgement), request, outcome);
}

expected<cut_page> fetcher_state::cut(const endpoint& e, const page_request& request, net::response& answer) {
  cutter->collect_keys(trace != nullptr && trace->on());
  return has_no_content(e.request.method, answer.status)
           ? expected<cut_page>{cutter->cut_nothing(e, request.slice)}
           : cutter->cut(e, request.slice, answer.body, epoch_ms(wall()), std::move(buffer));
}

expected<void> fetcher_state::take_page(const endpoint& e, page_request& request, const std::string& url,
                                        const net::response& answer, const language::value& response, cut_page page,
                                        page_outcome& outcome) {
  auto next = next_page_token(*plan, e, request.slice, cutter->paging_response(response), answer.headers,
                              page.last_record, page.records, request.token, url);
  if (!next)
    return tl::unexpected(next.error());
  if (request.page == 1 && e.cursor)
    request.settled = is_settled(request.slice, *e.cursor, wall());
  list_page place{reported_total(*plan, e, request.slice, response), page.rows, page.fingerprint};
  if (auto refused = cutter->refusal())
    return tl::unexpected(std::move(*refused));
  auto back = go_back_if_shrunk(request, place.total);
  if (back && !*back && !limits.accept_missing_rows) {
    auto again = go_back_if_repeated(request, place);
    if (!again)
      return tl::unexpected(again.error());
    if (*again) {
      // These rows are out already.
      spdlog::info("{}: page {} brought the rows of the page before; going back", request.slice.label, request.page);
      outcome.result = page_result::next_page;
      request = std::move(**again);
      return {};
    }
    if (!next->has_value())
      back = begin_anew_if_short(request, place);
  }
  bool unsettled = false;
  if (back && e.cursor && (*back || !next->has_value())) {
    auto newest = page.has_cursor ? page.newest_us : std::numeric_limits<std::int64_t>::min();
    if (auto anew = begin_anew_if_unsettled(request, *e.cursor, back->has_value(), newest)) {
      unsettled = true;
      *back = std::move(anew);
    }
  }
  if (!back)
    return tl::unexpected(back.error());
  if (next->has_value() && !*back)
    if (auto ends = check_list_ends(request, place, **next, {limits.max_empty_pages, !limits.accept_missing_rows});
        !ends)
      return ends;

  const bool last = !next->has_value() && !*back;
  const bool again = request.rereads + request.recounts + request.repetitions > 0;
  // Parents first: their fan-out must know of them before the state aggregator can learn that the parent is done.
  for (std::size_t i = 0; i < e.child_edges.size(); ++i) {
    outcome.parent_records.push_back(static_cast<std::uint32_t>(page.parents[i].size()));
    if (!page.parents[i].empty() || page.without_key[i] > 0 || last)
      self->send(links.fan_outs[e.child_edges[i]], parent_batch{request.slice, request.page, last, again,
                                                                std::move(page.parents[i]), page.without_key[i]});
  }
  record_batch batch;
  batch.receipt.slice = request.slice;
  batch.receipt.page = request.page;
  batch.receipt.last = last;
  batch.receipt.ascending = page.ascending && !*back;
  batch.receipt.oldest_us = page.oldest_us;
  batch.receipt.counts = std::move(page.counts);
  batch.receipt.has_cursor = page.has_cursor;
  batch.receipt.newest_us = page.newest_us;
  batch.receipt.records_without_cursor = page.records_without_cursor;
  batch.receipt.total = place.total;
  batch.receipt.rows = page.rows;
  batch.receipt.keys = std::move(page.keys);
  batch.lines = std::move(page.lines);
  outcome.batch_bytes = batch.lines.size();
  if (page.records_without_cursor > 0)
    spdlog::warn("{}: {} records of page {} have no readable cursor `{}`; they are printed, but do not move the state",
                 request.slice.label, page.records_without_cursor, request.page,
                 e.cursor ? e.cursor->cursor_field : "");
  send_page(std::move(batch));

  if (*back) {
    auto why
      = unsettled ? std::string{"a row was modified in the second in which the run began"}
        : (*back)->recounts > request.recounts
          ? "the pages held fewer rows than the list of " + std::to_string(place.total)
          : "the list shrank from " + std::to_string(request.total) + " to " + std::to_string(place.total) + " rows";
    spdlog::info("{}: {}, so rows may have moved while it was read; going back from page {} to page {}",
                 request.slice.label, why, request.page, (*back)->page);
    if (unsettled)
      outcome.delay_us = std::chrono::microseconds{std::chrono::seconds{1}}.count();
    outcome.result = unsettled ? page_result::retry : page_result::next_page;
    request = std::move(**back);
  } else if (next->has_value()) {
    outcome.result = page_result::next_page;
    remember_page(request, place);
    request.token = std::move(**next);
    remember_step(request, place.rows);
    ++request.page;
    request.attempt = 0;
    request.retrying_us = 0;
    request.round = 0;
  } else {
    outcome.result = page_result::slice_done;
  }
  return {};
}

void fetcher_state::take_nothing(const endpoint& e, page_request& request, page_outcome& outcome) {
  for (auto edge : e.child_edges)
    self->send(links.fan_outs[edge], parent_batch{request.slice, request.page, true, false, {}, 0});
  record_batch batch;
  batch.receipt.slice = request.slice;
  batch.receipt.page = request.page;
  batch.receipt.last = true;
  for (const auto& out : e.outputs)
    if (out.emit && !request.slice.children_only)
      batch.receipt.counts.push_back({out.stream, 0});
  send_page(std::move(batch));
  outcome.result = page_result::slice_done;
}

void fetcher_state::send_page(record_batch batch) {
  page_sent = true;
  self->send(links.emitter, std::move(batch));
}

void fetcher_state::apply(verdict judgement, page_request& request, page_outcome& outcome) {
  if (judgement.action == response_action::retry || judgement.action == response_action::rate_limited) {
    outcome.result = page_result::retry;
    outcome.delay_us = judgement.wait.count();
    request.retrying_us += judgement.wait.count();
    if (!judgement.is_free)
      ++request.attempt;
    spdlog::info("{} page {}: {} Waiting {} s, then retrying (try {}).", request.slice.label, request.page,
                 judgement.error.message, seconds_text(judgement.wait), request.attempt + 1);
    outcome.error = std::move(judgement.error);
    return;
  }
  outcome.result = page_result::failed;
  if (judgement.error.code != errc::interrupted)
    spdlog::info("{} page {} failed: {}", request.slice.label, request.page, judgement.error.message);
  outcome.error = std::move(judgement.error);
  outcome.lasting = judgement.lasting;
}

rate_feedback fetcher_state::feedback_of(const net::response& answer) const {
  rate_feedback result;
  result.status = answer.status;
  for (const auto& [key, text] : answer.headers)
    if (std::any_of(quota_headers.begin(), quota_headers.end(),
                    [&name = key](const auto& wanted) { return equals_ignoring_case(wanted, name); }))
      result.headers.push_back({key, text});
  return result;
}

fetcher_actor::behavior_type fetcher(fetcher_self* self, std::uint32_t number, plan_ptr plan,
                                     std::shared_ptr<net::transport> transport, fetcher_links links,
                                     retry_limits limits, std::uint64_t max_body_bytes, wall_clock wall) {
  install_handlers(self);
  auto& state = self->state;
  state.number = number;
  state.plan = plan;
  state.session = transport->open_session();
  state.links = std::move(links);
  state.limits = limits;
  state.wall = std::move(wall);
  state.cutter = std::make_unique<page_cutter>(plan, max_body_bytes);
  state.quota_headers = headers_of_interest(plan->budget);
  return {
    [self](permit& x) { self->state.work(std::move(x)); },
  };
}

} // namespace sluice
