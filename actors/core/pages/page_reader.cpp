#include "actors/core/pages/page_reader.hpp"

#include "actors/core/clock.hpp"
#include "actors/core/pages/endless_list.hpp"
#include "actors/core/pages/list_drift.hpp"
#include "actors/core/pages/page_reset.hpp"
#include "actors/core/pages/pagination.hpp"

#include <chrono>
#include <limits>

namespace sluice {

namespace {

std::int64_t whole_seconds(std::chrono::microseconds d) {
  return std::chrono::duration_cast<std::chrono::seconds>(d + std::chrono::milliseconds{500}).count();
}

error interrupted_evaluation() {
  return {errc::interrupted, failure_type::transient_error, "The run ended before the answer was read.", {}};
}

std::string place_of(const page_request& request) {
  return request.slice.label + " page " + std::to_string(request.page);
}

/// Where a list is read on from.
struct continuation {
  /// The token of the page that follows; none: the list is at its end.
  std::optional<std::string> token;
  /// The request to go back to instead.
  std::optional<page_request> back;
  /// The page only repeats rows that are out already.
  bool repeats = false;
  /// It goes back because rows may still have moved when its first page was read.
  bool unsettled = false;
  /// It goes back because the manifest says so.
  bool reset = false;
};

/// The reading of one answer.
class answer_reading {
public:
  answer_reading(const plan& p, const retry_limits& limits, page_request request)
    : plan_(p), endpoint_(p.endpoints[request.slice.endpoint]), limits_(limits), request_(std::move(request)) {
    result_.outcome.page = request_.page;
  }

  page_reading fail(const error& failure, std::string_view url) {
    conclude(judge_failure(endpoint_, request_, failure, url, limits_));
    return finish();
  }

  page_reading read(page_cutter& cutter, const page_answer& answer, language::instant now, std::string buffer) {
    if (auto failure = take_answer(cutter, answer, now, std::move(buffer)))
      conclude(judge_failure(endpoint_, request_, *failure, answer.url, limits_));
    return finish();
  }

private:
  /// Returns what makes the answer worthless, if anything does.
  std::optional<error> take_answer(page_cutter& cutter, const page_answer& answer, language::instant now,
                                   std::string buffer) {
    if (answer.renewable && answer.status == unauthorized_status) {
      ask_for_another_credential("was refused (401)");
      return std::nullopt;
    }
    const bool no_content = has_no_content(endpoint_.request.method, answer.status);
    auto response
      = no_content ? expected<language::value>{language::value_dict{}} : cutter.read_response(endpoint_, answer.body);
    answer_view view;
    view.status = answer.status;
    view.headers = &answer.headers;
    view.body = answer.body;
    view.response = response.value_or(language::value{language::value_dict{}});
    view.url = answer.url;
    view.renewable = answer.renewable;
    auto judgement = judge_answer(plan_, endpoint_, request_, view, limits_, now);
    result_.rate_limited = judgement.rate_limited;
    if (answer.aborted != nullptr && answer.aborted->load())
      return interrupted_evaluation(); // predicates may have been cut short
    if (auto refused = cutter.refusal())
      return refused;
    if (judgement.action == response_action::renew_credential) {
      ask_for_another_credential("is to be renewed, as the manifest says of answers like this one");
      return std::nullopt;
    }
    if (judgement.action == response_action::reset_pagination) {
      say(false, place_of(request_) + ": " + judgement.error.message
                   + " The slice is read anew from its first page, as the manifest says.");
      request_ = reset_pages(endpoint_, std::move(request_));
      request_.renewed = false;
      result_.outcome.result = page_result::next_page;
      return std::nullopt;
    }
    const bool ignored = judgement.action == response_action::ignore;
    if (!ignored && judgement.action != response_action::success) {
      auto& feedback = result_.outcome.feedback;
      if (judgement.action == response_action::rate_limited) {
        feedback.rate_limited = true;
        if (judgement.wait_is_explicit)
          feedback.wait_us = judgement.wait.count();
      }
      feedback.wait_refused = judgement.wait_refused;
      conclude(std::move(judgement));
      return std::nullopt;
    }
    // As in the reference: what is ignored is that a good answer matched, not the page that came with it. Only one that
    // cannot be read has no records; whatever else is wrong with it is a failure like any other.
    if (ignored && (answer.status >= 400 || !response)) {
      take_nothing(answer.status);
      return std::nullopt;
    }
    if (!response)
      return std::move(response.error());
    auto page = no_content ? expected<cut_page>{cutter.cut_nothing(endpoint_, request_.slice)}
                           : cutter.cut(endpoint_, request_.slice, answer.body, epoch_ms(now), std::move(buffer));
    if (!page) {
      if (!ignored)
        return std::move(page.error());
      take_nothing(answer.status);
      return std::nullopt;
    }
    return take_page(cutter, answer, *response, std::move(*page), now);
  }

  /// The answer is a page: records out, next page wanted or not.
  std::optional<error> take_page(page_cutter& cutter, const page_answer& answer, const language::value& response,
                                 cut_page page, language::instant now) {
    const auto paging_response = cutter.paging_response(response);
    const page_view view{paging_response, answer.headers, page.last_record, page.records,
                         page.extracted,  request_.token, answer.url,       page.feed_ends};
    auto next = next_page_token(plan_, endpoint_, request_.slice, view);
    if (!next) {
      // A check asks for one record, and needs no other page than the one that has it. It keeps no state.
      if (limits_.purpose != request_purpose::check || page.records == 0)
        return std::move(next.error());
      next = std::optional<std::string>{};
    }
    if (request_.page == 1 && endpoint_.cursor)
      request_.list.settled = is_settled(request_.slice, *endpoint_.cursor, now - answer.took);
    const list_page place{reported_total(plan_, endpoint_, request_.slice, response), page.rows, page.fingerprint};
    if (auto refused = cutter.refusal())
      return refused;
    result_.records = page.records;
    auto course = continue_list(page, place, std::move(*next));
    if (!course)
      return std::move(course.error());
    if (endpoint_.pages.reset)
      remember_records(request_.list, page);
    if (!course->repeats)
      send(std::move(page), place, *course);
    go_on(place, std::move(*course));
    return std::nullopt;
  }

  /// What comes after a page: the next one, one that was read before, or nothing. Errors: lists that lose rows or never
  /// end.
  expected<continuation> continue_list(const cut_page& page, const list_page& place, std::optional<std::string> next) {
    continuation result;
    if (endpoint_.pages.reset) {
      auto anew = reset_if_due(endpoint_, request_, page);
      if (!anew)
        return tl::unexpected(std::move(anew.error()));
      result.back = std::move(*anew);
      result.reset = result.back.has_value();
      if (result.reset)
        return result;
    }
    auto back = go_back_if_shrunk(request_, place.total);
    if (back && !*back && !limits_.accept_missing_rows) {
      back = go_back_if_repeated(request_, place);
      if (back && *back) {
        result.back = std::move(*back);
        result.repeats = true;
        return result;
      }
      if (back && !next)
        back = begin_anew_if_short(request_, place);
    }
    if (!back)
      return tl::unexpected(std::move(back.error()));
    if (endpoint_.cursor && (*back || !next)) {
      auto newest = page.has_cursor ? page.newest_us : std::numeric_limits<std::int64_t>::min();
      if (auto unsettled = begin_anew_if_unsettled(request_, *endpoint_.cursor, back->has_value(), newest)) {
        result.unsettled = true;
        *back = std::move(unsettled);
      }
    }
    if (next && !*back)
      if (auto ends
          = check_list_ends(request_.list, place, *next, {limits_.max_empty_pages, !limits_.accept_missing_rows});
          !ends)
        return tl::unexpected(std::move(ends.error()));
    result.token = std::move(next);
    result.back = std::move(*back);
    return result;
  }

  /// Parents and records of a page.
  void send(cut_page page, const list_page& place, const continuation& course) {
    const bool last = !course.token && !course.back;
    const auto& list = request_.list;
    const bool again = list.rereads + list.recounts + list.repetitions + list.resets > 0;
    for (std::size_t i = 0; i < endpoint_.child_edges.size(); ++i) {
      result_.outcome.parent_records.push_back(static_cast<std::uint32_t>(page.parents[i].size()));
      if (!page.parents[i].empty() || page.without_key[i] > 0 || last)
        result_.parents.push_back({endpoint_.child_edges[i], request_.slice, request_.page, last, again,
                                   std::move(page.parents[i]), page.without_key[i]});
    }
    auto& batch = result_.batch.emplace();
    auto& receipt = batch.receipt;
    receipt.slice = request_.slice;
    receipt.page = request_.page;
    receipt.last = last;
    receipt.ascending = page.ascending && !course.back;
    receipt.oldest_us = page.oldest_us;
    receipt.counts = std::move(page.counts);
    if (plan_.record_limit > 0)
      result_.outcome.counts = receipt.counts;
    receipt.has_cursor = page.has_cursor;
    receipt.newest_us = page.newest_us;
    receipt.records_without_cursor = page.records_without_cursor;
    receipt.records_outside = page.records_outside;
    receipt.total = place.total;
    receipt.rows = page.rows;
    receipt.keys = std::move(page.keys);
    batch.lines = std::move(page.lines);
    result_.outcome.batch_bytes = batch.lines.size();
    if (page.truncated_lists > 0)
      say(true, request_.slice.label + ": " + std::to_string(page.truncated_lists) + " records of page "
                  + std::to_string(request_.page)
                  + " say that the list in them is cut short; what is missing of it is not read");
  }

  void go_on(const list_page& place, continuation course) {
    auto& outcome = result_.outcome;
    if (course.back) {
      if (course.repeats)
        say(false, request_.slice.label + ": page " + std::to_string(request_.page)
                     + " brought the rows of the page before; going back");
      else if (course.reset)
        say(false, request_.slice.label + ": " + std::to_string(request_.list.records)
                     + " records were read; the slice is read anew from its first page, as the manifest says");
      else
        say_why_back(place, course);
      if (course.unsettled)
        outcome.delay_us = std::chrono::microseconds{std::chrono::seconds{1}}.count();
      outcome.result = course.unsettled ? page_result::retry : page_result::next_page;
      request_ = std::move(*course.back);
    } else if (course.token) {
      outcome.result = page_result::next_page;
      remember_step(request_.list, *course.token, place);
      remember_page(request_.list, std::move(request_.token), place);
      request_.token = std::move(*course.token);
      ++request_.page;
      request_.attempt = 0;
      request_.retrying_us = 0;
      request_.round = 0;
    } else {
      outcome.result = page_result::slice_done;
    }
    request_.renewed = false;
  }

  void ask_for_another_credential(const std::string& why) {
    say(false, place_of(request_) + ": the credential " + why + "; it is asked for again with another one");
    result_.outcome.result = page_result::unauthorized;
  }

  void say_why_back(const list_page& place, const continuation& course) {
    auto why = course.unsettled ? std::string{"a row was modified in the second in which the run began"}
               : course.back->list.recounts > request_.list.recounts
                 ? "the pages held fewer rows than the list of " + std::to_string(place.total)
                 : "the list shrank from " + std::to_string(request_.list.total) + " to " + std::to_string(place.total)
                     + " rows";
    say(false, request_.slice.label + ": " + why + ", so rows may have moved while it was read; going back from page "
                 + std::to_string(request_.page) + " to page " + std::to_string(course.back->page));
  }

  /// The answer was to be ignored: the slice ends here, without records.
  void take_nothing(int status) {
    say(false, request_.slice.label + ": answer " + std::to_string(status)
                 + " ignored as the manifest says; the slice ends here");
    for (auto edge : endpoint_.child_edges)
      result_.parents.push_back({edge, request_.slice, request_.page, true, false, {}, 0});
    auto& receipt = result_.batch.emplace().receipt;
    receipt.slice = request_.slice;
    receipt.page = request_.page;
    receipt.last = true;
    for (const auto& out : endpoint_.outputs)
      if (out.emit && !request_.slice.children_only)
        receipt.counts.push_back({out.stream, 0});
    result_.outcome.result = page_result::slice_done;
  }

  /// Retry or fail, as the verdict says.
  void conclude(verdict judgement) {
    auto& outcome = result_.outcome;
    if (judgement.action == response_action::retry || judgement.action == response_action::rate_limited) {
      outcome.result = page_result::retry;
      outcome.delay_us = judgement.wait.count();
      request_.retrying_us += judgement.wait.count();
      if (!judgement.is_free)
        ++request_.attempt;
      say(false, place_of(request_) + ": " + judgement.error.message + " Waiting "
                   + std::to_string(whole_seconds(judgement.wait)) + " s, then retrying (try "
                   + std::to_string(request_.attempt + 1) + ").");
      outcome.error = std::move(judgement.error);
      return;
    }
    outcome.result = page_result::failed;
    if (judgement.error.code != errc::interrupted)
      say(true, place_of(request_) + " failed: " + judgement.error.message);
    outcome.error = std::move(judgement.error);
    outcome.lasting = judgement.lasting;
  }

  void say(bool warns, std::string text) { result_.remarks.push_back({warns, std::move(text)}); }

  page_reading finish() {
    result_.outcome.request = std::move(request_);
    return std::move(result_);
  }

  const plan& plan_;
  const endpoint& endpoint_;
  const retry_limits& limits_;
  page_request request_;
  page_reading result_;
};

} // namespace

page_reader::page_reader(plan_ptr plan, const retry_limits& limits, std::uint64_t max_body_bytes,
                         std::shared_ptr<index_memory_store> store)
  : plan_(std::move(plan)), limits_(limits), cutter_(plan_, max_body_bytes, std::move(store)) {}

page_reading page_reader::read_answer(page_request request, const page_answer& answer, language::instant now,
                                      std::string buffer) {
  return answer_reading{*plan_, limits_, std::move(request)}.read(cutter_, answer, now, std::move(buffer));
}

page_reading page_reader::read_failure(page_request request, const error& failure, std::string_view url) const {
  return answer_reading{*plan_, limits_, std::move(request)}.fail(failure, url);
}

} // namespace sluice
