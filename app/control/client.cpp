#include "app/control/client.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>

#include <cerrno>

namespace sluice {

namespace {

tl::unexpected<error> failed(const std::string& path, const std::string& why) {
  return fail(errc::connection_failed, failure_type::transient_error,
              "The run at " + path + " could not be asked: " + why + ".");
}

/// Nobody listens: the error of a connection that was not made, or was closed before an answer.
bool is_absence(const Poco::Exception& e) {
  return dynamic_cast<const Poco::Net::ConnectionRefusedException*>(&e) != nullptr
         || dynamic_cast<const Poco::FileNotFoundException*>(&e) != nullptr
         || dynamic_cast<const Poco::Net::NoMessageException*>(&e) != nullptr
         || dynamic_cast<const Poco::Net::ConnectionResetException*>(&e) != nullptr
         || dynamic_cast<const Poco::Net::ConnectionAbortedException*>(&e) != nullptr || e.code() == ENOENT
         || e.code() == EPIPE || e.code() == ENOTCONN;
}

} // namespace

expected<std::optional<control_answer>> ask_run(const std::string& path, const std::string& method,
                                                const std::string& target, const std::string& body,
                                                std::chrono::milliseconds patience) {
  try {
    Poco::Net::StreamSocket socket;
    Poco::Timespan time{patience.count() * 1000};
    socket.connect(Poco::Net::SocketAddress{Poco::Net::SocketAddress::UNIX_LOCAL, path}, time);
    Poco::Net::HTTPClientSession session{socket};
    session.setTimeout(time);
    Poco::Net::HTTPRequest request{method, target, Poco::Net::HTTPRequest::HTTP_1_1};
    request.setHost("localhost");
    request.setKeepAlive(false);
    if (!body.empty()) {
      request.setContentType("application/json");
      request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    }
    session.sendRequest(request) << body << std::flush;
    Poco::Net::HTTPResponse response;
    auto& in = session.receiveResponse(response);
    control_answer answer;
    answer.status = response.getStatus();
    Poco::StreamCopier::copyToString(in, answer.body);
    // Poco takes a connection that was closed too early for the end of the body.
    if (response.getContentLength64() != static_cast<Poco::Int64>(answer.body.size()))
      return std::nullopt;
    return answer;
  } catch (const Poco::Exception& e) {
    if (is_absence(e))
      return std::nullopt;
    return failed(path, e.displayText());
  } catch (const std::exception& e) {
    return failed(path, e.what());
  }
}

} // namespace sluice
