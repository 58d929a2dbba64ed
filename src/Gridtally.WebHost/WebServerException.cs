namespace Gridtally.WebHost;

/// <summary>The web server can't start; the message says why and what to do.</summary>
public sealed class WebServerException : Exception
{
    /// <summary>Makes one without a message; use the others.</summary>
    public WebServerException() { }

    /// <summary>Makes one that says why.</summary>
    /// <param name="message">What was tried, what happened, what to do.</param>
    public WebServerException(string message) : base(message) { }

    /// <summary>Makes one that says why and keeps the cause.</summary>
    /// <param name="message">What was tried, what happened, what to do.</param>
    /// <param name="innerException">The cause.</param>
    public WebServerException(string message, Exception innerException) : base(message, innerException) { }
}
