#include "actors/core/pages/error_policy.hpp"

#include "actors/core/pages/backoff.hpp"
#include "actors/core/pages/error_text.hpp"
#include "actors/core/pages/failure_words.hpp"
#include "actors/core/pages/page_reset.hpp"
#include "actors/core/requests/headers.hpp"
#include "messages/text/durations.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

using std::chrono::microseconds;

constexpr std::size_t shown_server_text = 300;
constexpr std::size_t shown_body = 1024;

/// One row of the reference's default table.
struct mapping {
  response_action action;
  failure_type failure;
  std::string message;
};

mapping default_mapping(int status) {
  struct row {
    int status;
    response_action action;
    failure_type failure;
    const char* text;
  };
  using enum response_action;
  using enum failure_type;
  static constexpr row table[] = {
    {400, fail, system_error, "Bad request. Please check your request parameters."},
    {401, fail, config_error, "Unauthorized. Please ensure you are authenticated correctly."},
    {403, fail, config_error, "Forbidden. You don't have permission to access this resource."},
    {404, fail, system_error, "Not found. The requested resource was not found on the server."},
    {405, fail, system_error, "Method not allowed. Please check your request method."},
    {408, retry, transient_error, "Request timeout."},
    {429, rate_limited, transient_error, "Too many requests."},
    {500, retry, transient_error, "Internal server error."},
    {502, retry, transient_error, "Bad gateway."},
    {503, retry, transient_error, "Service unavailable."},
    {504, retry, transient_error, "Gateway timeout."},
  };
  for (const auto& r : table) {
    if (r.status == status) {
      return {r.action, r.failure, "HTTP Status Code: " + std::to_string(status) + ". Error: " + r.text};
    }
  }
  return {retry, system_error, "Unexpected HTTP Status Code in error handler: " + std::to_string(status) + "."};
}

/// It is the request itself that the server refuses, which will not change; other troubles may pass.
bool refuses_request(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
}

/// What the judgement of an answer rests on.
struct ruling {
  response_action action = response_action::success;
  failure_type failure = failure_type::system_error;
  std::string message;
  const error_handler* handler = nullptr;
};

language::scope answer_scope(const plan& p, const page_request& request, const answer_view& answer) {
  auto scope = slice_scope(p, request.slice);
  scope.set("response", answer.response);
  scope.set_lazy("headers",
                 [&answer] { return headers_value(answer.headers != nullptr ? *answer.headers : header_list{}); });
  scope.set_lazy("request_url",
                 [&answer] { return language::value{std::string{answer.url.substr(0, answer.url.find('?'))}}; });
  return scope;
}

/// Applies an endpoint's filters. Scope and error text are only made if a filter needs them: most answers are fine.
class filter_match {
public:
  filter_match(const plan& p, const page_request& request, const answer_view& answer)
    : plan_(p), request_(request), answer_(answer) {}

  std::optional<ruling> first_of(const error_handler& handler) {
    for (const auto& filter : handler.filters) {
      if (matches(filter)) {
        return rule(filter, handler);
      }
    }
    return std::nullopt;
  }

  const language::scope& scope() {
    if (!scope_) {
      scope_ = answer_scope(plan_, request_, answer_);
    }
    return *scope_;
  }

  const std::string& text() {
    if (!text_) {
      text_ = error_text(answer_.body);
    }
    return *text_;
  }

private:
  bool matches(const response_filter& filter) {
    if (std::find(filter.http_codes.begin(), filter.http_codes.end(), answer_.status) != filter.http_codes.end()) {
      return true;
    }
    if (!filter.error_message_contains.empty() && text().find(filter.error_message_contains) != std::string::npos) {
      return true;
    }
    // A predicate that cannot be evaluated does not match, as in the reference.
    return filter.predicate && filter.predicate->evaluate(scope()).value_or(false);
  }

  ruling rule(const response_filter& filter, const error_handler& handler) {
    bool in_table = answer_.status >= 400;
    auto standard = default_mapping(answer_.status);
    ruling result;
    result.action = filter.action;
    result.failure = in_table ? standard.failure : failure_type::system_error;
    // As in the reference, the manifest names the type of failures alone, not of tries that are used up.
    if (filter.failure && filter.action == response_action::fail) {
      result.failure = *filter.failure;
    }
    result.message = filter.error_message.render(scope()).value_or("");
    if (result.message.empty()) {
      result.message = in_table ? standard.message
                                : "The answer (HTTP status " + std::to_string(answer_.status) + ") reports an error.";
    }
    result.handler = &handler;
    return result;
  }

  const plan& plan_;
  const page_request& request_;
  const answer_view& answer_;
  std::optional<language::scope> scope_;
  std::optional<std::string> text_;
};

ruling default_ruling(const answer_view& answer) {
  ruling result;
  if (answer.status >= 400) {
    auto standard = default_mapping(answer.status);
    result.action = standard.action;
    result.failure = standard.failure;
    result.message = std::move(standard.message);
    return result;
  }
  constexpr int not_modified = 304; // no redirect
  if (answer.status < 300 || answer.status == not_modified || answer.headers == nullptr) {
    return result;
  }
  if (auto location = find_header(*answer.headers, "Location").value_or(""); !location.empty()) {
    // Those within an origin were followed. The request that would follow carries credentials: the user should decide.
    result.action = response_action::fail;
    result.message = "HTTP Status Code: " + std::to_string(answer.status) + ". The server redirects to "
                     + excerpt(display_url(location), shown_server_text)
                     + "; redirects are not followed to another scheme, host or port, nor more than 10 times in a row. "
                       "If the new address is right, configure it as the API's URL.";
  }
  return result;
}

/// The manifest's limits, if its handler sets any.
retry_limits limits_of(const error_handler* handler, retry_limits limits) {
  if (handler != nullptr) {
    const auto bounds = limits;
    limits.max_retries = handler->max_retries.value_or(limits.max_retries);
    limits.max_retry_time = handler->max_retry_time.value_or(limits.max_retry_time);
    // Where somebody waits for the answer, a manifest does not make the waiting longer.
    if (limits.purpose != request_purpose::read) {
      limits.max_retries = std::min(limits.max_retries, bounds.max_retries);
      limits.max_retry_time = std::min(limits.max_retry_time, bounds.max_retry_time);
    }
  }
  return limits;
}

const error_handler* default_handler(const endpoint& e) {
  return e.errors.empty() ? nullptr : &e.errors.front();
}

/// The strategies of the handler whose filter matched. (The reference takes the first handler's for all of them, so
/// that a wait meant for rate limits would also follow a server's hiccup.) If the default table ruled, the first there
/// are.
const std::vector<backoff_strategy>& strategies_of(const endpoint& e, const error_handler* matched) {
  static const std::vector<backoff_strategy> none;
  if (matched != nullptr) {
    return matched->backoff;
  }
  auto has_some = [](const error_handler& h) { return !h.backoff.empty(); };
  auto found = std::find_if(e.errors.begin(), e.errors.end(), has_some);
  return found == e.errors.end() ? none : found->backoff;
}

/// A wait that is longer than somebody who waits for an answer waits in all. Empty if it is not; else what to say.
std::string refuse_wait(const retry_wait& wait, const page_request& request, request_purpose purpose) {
  if (purpose == request_purpose::read) {
    return {};
  }
  const auto patience = purpose == request_purpose::check ? check_patience : microseconds{0};
  if (microseconds{request.retrying_us} + wait.wait <= patience) {
    return {};
  }
  const auto who = purpose == request_purpose::check
                     ? std::string{"a check waits no longer than "} + human_duration(check_patience) + " in all."
                     : std::string{"a probe does not wait."};
  return wait.by_server ? "The server asks to wait " + human_duration(wait.wait) + " before the next request; " + who
         : purpose == request_purpose::check ? "Trying again takes " + human_duration(wait.wait) + " more; " + who
                                             : std::string{};
}

/// Decides whether a retry is still allowed, cuts its wait to what is left of the time. Empty if it is; else why not.
std::string refuse_retry(verdict& v, const retry_wait& wait, const page_request& request, const retry_limits& limits) {
  v.wait = wait.wait;
  v.wait_is_explicit = wait.is_explicit;
  bool limited = v.action == response_action::rate_limited;
  if (wait.too_long) {
    v.wait_refused = v.lasting = true;
    return "The rate limit wait time is longer than the connector is allowed to wait. The server asks for "
           + human_duration(wait.wait) + ".";
  }
  if (auto refusal = refuse_wait(wait, request, limits.purpose); !refusal.empty()) {
    v.wait_refused = true;
    return refusal;
  }
  if (limited && wait.by_server && limits.purpose == request_purpose::read) {
    v.is_free = true; // the quota comes back
    return {};
  }
  if (request.round > 0 && !limited) {
    return "It failed again when it was tried once more at the end of the run.";
  }
  if (request.attempt >= limits.max_retries) {
    return limited ? "API rate limit exceeded." : "Exhausted available request attempts.";
  }
  if (limited && !wait.is_explicit) {
    return {};
  }
  auto left = limits.max_retry_time - microseconds{request.retrying_us};
  if (left <= microseconds{0}) {
    return limited ? "API rate limit exceeded." : "Exhausted available request time.";
  }
  if (wait.wait > left && !limited) {
    if (wait.is_explicit) {
      return wait.by_server ? "The server asks for a longer wait than the time that is left for retries."
                            : "The connector's wait is longer than the time that is left for retries.";
    }
    v.wait = left;
  }
  return {};
}

/// What went wrong, then why it is not tried again; a wait that is too long for anybody is what went wrong.
std::string with_refusal(std::string message, const std::string& refusal, bool is_cause) {
  if (refusal.empty() || is_cause)
    return refusal + (refusal.empty() ? "" : " ") + message;
  constexpr std::string_view ends{".!?"};
  if (!message.empty() && ends.find(message.back()) == std::string_view::npos)
    message += '.';
  return message + " " + refusal;
}

} // namespace

bool has_no_content(std::string_view method, int status) noexcept {
  return method == "HEAD" || status == 204 || status == 205 || status == 304;
}

verdict judge_answer(const plan& p, const endpoint& e, const page_request& request, const answer_view& answer,
                     const retry_limits& limits, language::instant wall) {
  filter_match match{p, request, answer};
  std::optional<ruling> matched;
  for (const auto& handler : e.errors) {
    matched = match.first_of(handler);
    if (matched) {
      break;
    }
  }
  auto rule = matched ? std::move(*matched) : default_ruling(answer);
  verdict result;
  result.action = rule.action;
  result.rate_limited = rule.action == response_action::rate_limited;
  if (rule.action == response_action::success) {
    return result;
  }
  auto handler = rule.handler != nullptr ? rule.handler : default_handler(e);
  auto& error = result.error;
  error.code = errc::http_status;
  error.failure = rule.failure;
  error.message = std::move(rule.message);
  auto told = excerpt(match.text(), shown_server_text);
  if (!told.empty() && error.message.find(told) == std::string::npos) {
    error.message += " The server says: " + told + (told.back() == '.' ? "" : ".");
  }
  error.internal_message = e.request.method + " " + display_url(answer.url) + " was answered with status "
                           + std::to_string(answer.status) + after_tries(request)
                           + "; body: " + excerpt(answer.body, shown_body);
  std::string refusal;
  if (rule.action == response_action::renew_credential) {
    if (answer.renewable) {
      return result;
    }
    // Without a credential that can be renewed it is a retry, as in the reference.
    result.action = request.renewed ? response_action::fail : response_action::retry;
    result.lasting = request.renewed;
    if (request.renewed) {
      error.failure = failure_type::config_error;
      refusal = "It was refused again with a credential that had been obtained anew.";
    }
  } else if (rule.action == response_action::reset_pagination) {
    if (can_reset(e, request)) {
      return result;
    }
    result.action = response_action::fail;
    result.lasting = true;
    error.failure = failure_type::system_error;
    refusal = why_no_reset;
  }
  if (result.action == response_action::retry || result.action == response_action::rate_limited) {
    refused_answer refused{answer.headers,
                           rule.action == response_action::rate_limited || answer.status == 429 || answer.status == 503,
                           &p.budget, &match.scope(), request.slice.id};
    auto wait = wait_before_retry(strategies_of(e, rule.handler), refused, request.attempt, wall);
    refusal = refuse_retry(result, wait, request, limits_of(handler, limits));
    if (refusal.empty()) {
      return result;
    }
    if (rule.action == response_action::rate_limited) {
      error.failure = failure_type::transient_error;
    }
    result.action = response_action::fail;
  } else if (rule.action == response_action::fail) {
    result.lasting = error.failure == failure_type::config_error || refuses_request(answer.status);
  }
  if (result.action == response_action::fail) {
    const bool is_cause = result.wait_refused || rule.action == response_action::reset_pagination;
    error.message = with_refusal(std::move(error.message), refusal, is_cause) + " ("
                    + failure_place(e, request, limits.purpose) + after_tries(request) + ") "
                    + failure_consequence(error.failure, limits.purpose);
  }
  return result;
}

verdict judge_failure(const endpoint& e, const page_request& request, const error& failure, std::string_view url,
                      const retry_limits& limits) {
  verdict result;
  result.error = failure;
  auto& error = result.error;
  if (failure.code == errc::interrupted) {
    result.action = response_action::fail;
    return result;
  }
  error.internal_message = e.request.method + " " + display_url(url) + " failed" + after_tries(request) + ": "
                           + std::string{describe(failure.code)}
                           + (failure.internal_message.empty() ? "" : "; " + failure.internal_message);
  // A page that is not what it should be looks the same when it is asked for again at the end of the run.
  result.lasting = failure.code == errc::bad_page && failure.failure == failure_type::system_error;
  // These come out the same at every try.
  constexpr errc lasting[] = {errc::bad_config,  errc::bad_manifest,   errc::bad_template,
                              errc::foreign_url, errc::body_too_large, errc::internal};
  bool final = failure.failure == failure_type::config_error
               || std::find(std::begin(lasting), std::end(lasting), failure.code) != std::end(lasting);
  result.lasting = result.lasting || final;
  std::string refusal;
  if (!final) {
    result.action = response_action::retry;
    auto wait = wait_before_retry(strategies_of(e, nullptr), {}, request.attempt, {});
    refusal = refuse_retry(result, wait, request, limits_of(default_handler(e), limits));
    if (refusal.empty()) {
      return result;
    }
  }
  result.action = response_action::fail;
  error.message = with_refusal(std::move(error.message), refusal, result.wait_refused) + " ("
                  + failure_place(e, request, limits.purpose) + after_tries(request) + ") "
                  + failure_consequence(error.failure, limits.purpose);
  return result;
}

} // namespace sluice
