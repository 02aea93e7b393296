#include "actors/net/poco_session.hpp"

#include "actors/net/inflate.hpp"
#include "actors/net/request_head.hpp"
#include "actors/net/response_head.hpp"

#include <exception>
#include <utility>

namespace sluice::net {

namespace {

/// Informational answers (100, 102, 103) before the final one; more is a server in a loop.
constexpr int most_informational = 32;

io_error bad_answer(std::string what) {
  return {errc::bad_response, failure_type::system_error, std::move(what)};
}

/// What a failure means for the data, and what to do about it.
std::string_view advice(errc code) {
  switch (code) {
    case errc::connection_failed:
    case errc::truncated_body:
      return "Nothing of the answer was used. If this persists, check the network, the proxy and the server.";
    case errc::timed_out:
      return "Nothing of the answer was used. If the server is known to be slow, raise the limit in the tuning file.";
    case errc::tls_failed:
      return "Nothing was sent. Check the URL, the certificate and the network in between.";
    case errc::body_too_large:
      return "Nothing of the answer was used. Ask for smaller pages, or raise the limit in the tuning file.";
    case errc::interrupted:
      return "Nothing of the answer was used. The next run starts again from the last state.";
    default:
      return "Nothing of the answer was used.";
  }
}

/// No answer is unpacked in two steps, so those of a thread share what the libraries keep.
inflater& thread_inflater() {
  thread_local inflater mine;
  return mine;
}

tl::unexpected<transport_failure> failed(error problem, bool sent) {
  return tl::unexpected{transport_failure{std::move(problem), sent}};
}

tl::unexpected<transport_failure> failed(const request& r, const url::parts& target, const io_error& problem,
                                         bool sent) {
  return failed(
    error{problem.code, problem.failure,
          r.method + " " + target.display() + " failed: " + problem.what + ". " + std::string{advice(problem.code)},
          problem.what},
    sent);
}

} // namespace

task<http_result> poco_session::send(const request& r) {
  try {
    co_return co_await send_checked(r);
  } catch (const std::exception& problem) {
    connection_.reset();
    co_return failed_inside(problem);
  }
}

void poco_session::reuse(std::string body) {
  network_->bodies().give(std::move(body));
}

task<http_result> poco_session::send_checked(const request& r) {
  const auto target = read_target(r.url);
  if (!target)
    co_return failed(target.error(), false);
  if (network_->options().public_only && !target->is_secure())
    co_return failed(
      r, *target,
      {errc::bad_config, failure_type::config_error, "only https may be used here (DEPLOYMENT_MODE is cloud)"}, false);
  const auto proxy = network_->proxy_for(*target);
  if (!proxy)
    co_return failed(proxy.error(), false);
  const auto head
    = write_request_head(r, *target, target->is_secure() ? std::nullopt : *proxy, network_->options().user_agent);
  if (!head)
    co_return failed(head.error(), false);

  const auto whole = deadline_after(network_->options().total_timeout, "http.total_timeout");
  auto destination = (target->is_secure() ? "https " : "http ") + target->place();
  if (*proxy)
    destination += " by " + url::host_and_port((*proxy)->host, (*proxy)->port);
  // A second round is made only after a reused connection turned out to be dead, and runs on a fresh one.
  for (bool sent = false;;) {
    if (network_->is_aborted()) {
      connection_.reset();
      co_return failed(r, *target, interrupted(), sent);
    }
    const bool reused = connection_ && destination == destination_ && connection_->is_reusable();
    if (!reused) {
      connection_.reset();
      auto fresh = co_await network_->connect(*target, *proxy, whole, waits_);
      if (!fresh)
        co_return failed(r, *target, fresh.error(), sent);
      connection_ = std::move(*fresh);
      destination_ = destination;
    }
    connection_->set_limits({whole, network_->options().read_timeout});
    progress done;
    auto answer = co_await exchange(r, *head, done);
    reader_.finish();
    if (answer)
      co_return std::move(*answer);
    connection_.reset();
    sent = sent || done.sent > 0;
    const bool worth_another = reused && answer.error().lost && !done.answered && is_idempotent(r.method);
    if (!worth_another)
      co_return failed(r, *target, answer.error(), sent);
  }
}

task<io_result<response>> poco_session::exchange(const request& r, std::string_view head, progress& done) {
  constexpr std::size_t small = 64 * 1024;
  io_result<void> written;
  if (!r.body.empty() && r.body.size() <= small) {
    const auto whole = std::string{head} + r.body;
    written = co_await connection_->write_all(whole, done.sent);
  } else {
    written = co_await connection_->write_all(head, done.sent);
    if (written && !r.body.empty())
      written = co_await connection_->write_all(r.body, done.sent);
  }
  if (!written && !written.error().lost)
    co_return tl::unexpected{std::move(written.error())};

  // A server that refuses a request may answer and close before it has taken all of it: the answer counts.
  reader_.start(*connection_);
  auto final_head = co_await read_final_head(done);
  if (!final_head)
    co_return tl::unexpected{written || done.answered ? final_head.error() : written.error()};
  const auto framing = framing_of(*final_head, r.method);
  if (!framing)
    co_return tl::unexpected{bad_answer(framing.error())};

  response answer;
  auto content = co_await read_content(*final_head, *framing, answer);
  if (!content)
    co_return tl::unexpected{std::move(content.error())};
  answer.status = final_head->status;
  answer.reason = std::move(final_head->reason);
  answer.headers = std::move(final_head->headers);
  if (!written || !framing->keep_alive || framing->kind == body_framing::kind_type::until_close
      || reader_.has_leftover() || asks_for_close(r))
    connection_.reset();
  co_return answer;
}

task<io_result<response_head>> poco_session::read_final_head(progress& done) {
  for (int count = 0; count < most_informational; ++count) {
    const auto text = co_await reader_.read_head();
    done.answered = reader_.has_received();
    if (!text)
      co_return tl::unexpected{text.error()};
    auto head = parse_response_head(*text);
    if (!head)
      co_return tl::unexpected{bad_answer(head.error())};
    if (head->status == 101)
      co_return tl::unexpected{bad_answer("the server switched to another protocol (HTTP 101)")};
    if (head->status >= 200)
      co_return std::move(*head);
  }
  co_return tl::unexpected{bad_answer("the server sends informational answers without end")};
}

task<io_result<void>> poco_session::read_content(const response_head& head, body_framing framing, response& answer) {
  const auto bound = network_->options().max_body_bytes;
  const auto coding = coding_of(head, &answer.unknown_coding);
  const bool has_body = framing.kind != body_framing::kind_type::none;
  if (has_body && !coding)
    co_return tl::unexpected{bad_answer(coding.error())};
  const bool is_packed = has_body && *coding != content_coding::identity;
  auto content = network_->bodies().take();
  const auto size = co_await reader_.read_body(framing, bound, content);
  if (!size)
    co_return tl::unexpected{size.error()};
  answer.wire_bytes = *size;
  // An empty body with a known end is empty, whatever its coding.
  if (!is_packed || (*size == 0 && framing.kind != body_framing::kind_type::until_close)) {
    answer.body = std::move(content);
    co_return io_result<void>{};
  }
  answer.body = network_->bodies().take();
  auto done = thread_inflater().inflate(*coding, content, bound, answer.body);
  network_->bodies().give(std::move(content));
  co_return done;
}

} // namespace sluice::net
