"""Texts that would be more than text in HTML or Markdown."""

MARKUP = (
    "<script>window.pwned = 1; alert(1)</script>",
    "</style></script><script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    '"><svg onload=window.pwned=1>',
    "' autofocus onfocus='window.pwned = 1",
    "</code></pre></figure><iframe src='https://evil.example'></iframe>",
    "[click](javascript:window.pwned=1) <javascript:window.pwned=1>",
    "![shown](https://evil.example/pixel.png) <https://evil.example/'onclick='window.pwned=1>",
    "[a]: javascript:window.pwned=1\n\n[a]",
    "```\n</code>\n```\n\n# Big\n\n<div onclick=window.pwned=1>",
    "`` ` `` | cell | cell |\n|---|---|\n| <b>cell</b> |",
    "--> <!-- ]]> <![CDATA[ <?php ?>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt; &#60;b&#62;",
    "> quote\n\n- list\n\n1. list\n\n---\n\n    code\n\n~~~\nfence",
    "{{ 7 * 7 }} {% raw %} ${window.pwned = 1} $x^2$ ~~struck~~ **bold** _it_",
)
