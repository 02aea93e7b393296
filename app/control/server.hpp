#pragma once

#include "messages/error.hpp"
#include "messages/run.hpp"
#include "messages/text/redaction.hpp"

#include <functional>
#include <memory>
#include <string>

namespace sluice {

/// Whom the control socket asks. Called by its threads, several at a time; may throw nothing.
struct control_hooks {
  /// The body of GET /status, without secrets; empty: there is nothing to tell yet.
  std::function<std::string()> status;
  /// Makes a change and tells what came of it.
  std::function<retuned(const retune&)> change;
  /// Masked in what the socket itself answers.
  std::shared_ptr<const redactor> secrets = std::make_shared<redactor>();
};

/// A Unix socket that speaks HTTP/1.1, for `sluice top` and `curl --unix-socket`:
///   GET /status            the run as JSON
///   PUT, PATCH /settings   other bounds from now on
/// docs/control.md describes it. Requests are small, few at a time and bounded in time; whoever connects and says
/// nothing holds up nobody, least of all the end.
class control_server {
public:
  /// Makes the socket, with mode 0600, and listens. A socket that nobody listens on any more is replaced. Errors are
  /// `errc::bad_config`: there is another file, a run listens there already, the directory does not exist, the path is
  /// too long.
  static expected<std::unique_ptr<control_server>> open(const std::string& path);
  /// Ends all connections and removes the socket, unless something else stands in its place by now.
  ~control_server();
  control_server(const control_server&) = delete;
  control_server& operator=(const control_server&) = delete;

  /// Answers from now on; clients that came before have waited. Once.
  void serve(control_hooks hooks);

private:
  struct impl;
  explicit control_server(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
