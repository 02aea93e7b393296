#include "actors/net/tls.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/X509Certificate.h>

#include <cerrno>
#include <set>
#include <string_view>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <poll.h>

namespace sluice::net {

namespace {

using Poco::Net::Context;
using Poco::Net::SecureStreamSocket;

/// What is sent at once, encrypted. A request is seldom larger; a body in several records costs 30 bytes more for each.
constexpr long largest_sent_record = 4096;

/// OpenSSL tells why it rejects a certificate only to its callback, which runs inside the handshake, in this thread.
thread_local int rejection = X509_V_OK;

int note_rejection(int accepted, X509_STORE_CTX* store) {
  if (accepted == 0)
    rejection = X509_STORE_CTX_get_error(store);
  return accepted;
}

io_error untrusted(std::string what) {
  return {errc::tls_failed, failure_type::config_error, std::move(what)};
}

/// What a rejected certificate means and what to do about it.
io_error rejected_certificate(const std::string& host, int reason) {
  const std::string why = X509_verify_cert_error_string(reason);
  switch (reason) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return untrusted("the certificate of " + host + " has expired (or this machine's clock is wrong)");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return untrusted("the certificate of " + host + " is not valid yet (or this machine's clock is wrong)");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return untrusted("the certificate of " + host + " was issued by an authority that is not trusted here (" + why
                       + "); if the authority is your own, name its PEM file in http.ca_file, otherwise install the"
                         " system's ca-certificates");
    default:
      return untrusted("the certificate of " + host + " was rejected: " + why);
  }
}

/// The reason at the end of an OpenSSL error text, such as `wrong version number`.
std::string reason_of(const Poco::Exception& problem) {
  const std::string& text = problem.message();
  const auto colon = text.rfind(':');
  return colon == std::string::npos ? text : text.substr(colon + 1);
}

io_error broken_handshake(const std::string& host, const std::string& reason) {
  return {errc::tls_failed, failure_type::transient_error,
          "the TLS handshake with " + host
            + " failed: " + (reason.empty() ? std::string{"the connection was closed"} : reason)};
}

/// Poco's own check is not used: it accepts any certificate for names that resolve to loopback in relaxed mode, and it
/// is skipped when the handshake takes more than one step. A name counts in subjectAltName only (RFC 9525).
std::optional<io_error> check_name(const SecureStreamSocket& socket, const std::string& host, bool host_is_address) {
  if (!socket.havePeerCertificate())
    return untrusted(host + " showed no certificate");
  const auto certificate = socket.peerCertificate();
  auto* raw = const_cast<X509*>(certificate.certificate());
  constexpr unsigned strict = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  const int match = host_is_address ? X509_check_ip_asc(raw, host.c_str(), 0)
                                    : X509_check_host(raw, host.data(), host.size(), strict, nullptr);
  if (match == 1)
    return std::nullopt;
  if (X509_get_ext_by_NID(raw, NID_subject_alt_name, -1) < 0)
    return untrusted("the certificate of " + host
                     + " does not say in subjectAltName whom it is for (a common name is not enough); it must be issued"
                       " anew");
  std::string common_name;
  std::set<std::string> names;
  certificate.extractNames(common_name, names);
  return untrusted("the certificate is not for " + host + " but for "
                   + (names.empty() ? common_name : *names.begin() + (names.size() > 1 ? " and others" : ""))
                   + "; check the host name and the proxy settings");
}

} // namespace

io_result<Context::Ptr> tls_client::context() {
  const std::lock_guard guard{mutex_};
  if (context_)
    return context_;
  try {
    // Anonymous suites are excluded by name: they would do without a certificate.
    Context::Ptr made{new Context{Context::TLS_CLIENT_USE, ca_file_, Context::VERIFY_STRICT, 9, ca_file_.empty(),
                                  "HIGH:!aNULL:!eNULL:!MD5"}};
    made->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    auto* raw = made->sslContext();
    // Poco 1.13 lowers OpenSSL's level to 0, which admits keys that can be broken.
    SSL_CTX_set_security_level(raw, 2);
    // Without close_notify an end is a cut, whatever Poco or openssl.cnf say.
    SSL_CTX_clear_options(raw, SSL_OP_IGNORE_UNEXPECTED_EOF);
    // A connection that waits for its server needs no buffers of 34 KB. A ticket that comes with the first answer makes
    // OpenSSL 3.0 take the one to send from all the same, until the next request: it is as small as requests are.
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_max_send_fragment(raw, largest_sent_record);
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, &note_rejection);
    context_ = std::move(made);
    return context_;
  } catch (const Poco::Exception& problem) {
    const auto what = ca_file_.empty() ? std::string{"the system's certificate authorities cannot be loaded ("}
                                       : "the file of " + ca_setting_ + ", " + ca_file_ + ", cannot be loaded (";
    return tl::unexpected{untrusted(what + reason_of(problem) + ")")};
  }
}

task<io_result<SecureStreamSocket>> tls_client::secure(Poco::Net::StreamSocket plain, std::string host, deadline limit,
                                                       waiter& waits) {
  const auto shared = context();
  if (!shared)
    co_return tl::unexpected{shared.error()};
  std::string name = host;
  if (name.ends_with('.'))
    name.pop_back();
  Poco::Net::IPAddress address;
  const bool is_address = Poco::Net::IPAddress::tryParse(name, address);
  rejection = X509_V_OK;
  try {
    // The name goes out as SNI, which has no addresses. On a non-blocking socket this only prepares the handshake.
    auto socket = SecureStreamSocket::attach(plain, is_address ? std::string{} : name, *shared);
    for (;;) {
      // Poco and OpenSSL take what others left in these for their own errors; other handshakes share the thread.
      rejection = X509_V_OK;
      errno = 0;
      ERR_clear_error();
      const int progress = socket.completeHandshake();
      if (progress == 1)
        break;
      if (progress == 0)
        co_return tl::unexpected{broken_handshake(host, {})};
      const short event = progress == SecureStreamSocket::ERR_SSL_WANT_WRITE ? POLLOUT : POLLIN;
      const auto outcome = co_await waiting{waits, plain.impl()->sockfd(), event, limit.at};
      if (outcome == wait_outcome::expired)
        co_return tl::unexpected{timed_out("the TLS handshake with " + host + " was not done", limit)};
      if (outcome == wait_outcome::aborted)
        co_return tl::unexpected{interrupted()};
    }
    if (auto problem = check_name(socket, name, is_address))
      co_return tl::unexpected{std::move(*problem)};
    co_return socket;
  } catch (const Poco::Exception& problem) {
    if (rejection != X509_V_OK)
      co_return tl::unexpected{rejected_certificate(host, rejection)};
    co_return tl::unexpected{broken_handshake(host, reason_of(problem))};
  }
}

} // namespace sluice::net
