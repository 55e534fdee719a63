// Colours and type of the page, and the script that offers figures as files. Everything a figure needs is in classes,
// so that light, dark and print are decided here alone.

/// Constants of the page's look.
enum Style {
    /// Series colours follow Okabe and Ito (told apart by all kinds of colour vision), darker on light ground where
    /// text has them; tiles are one hue from pale to deep, so that their order shows without colour too.
    static let sheet = """
        :root{color-scheme:light dark;--paper:#fff;--ink:#1c2126;--soft:#59636e;--grid:#e8ebee;--line:#aab2ba;\
        --hair:#f1f3f5;--c0:#0067a8;--c1:#00795a;--c2:#a04a86;--c3:#8a6100;--published:#bd4a00;--plain:#59636e;\
        --bars:#c9d0d6;--q0:#eef1f4;--q1:#d6e6f3;--q2:#b3d2ea;--q3:#8bbadd;--q4:#5f9fcd;--q5:#3a83ba;--q6:#1f67a2;\
        --q7:#0e4c84;--q8:#062f5a;--under:#1c2126;--over:#fff}
        @media (prefers-color-scheme:dark){:root{--paper:#14181c;--ink:#e6e9ec;--soft:#a0aab4;--grid:#272e35;\
        --line:#5f6a75;--hair:#1d2329;--c0:#5fb4f0;--c1:#3ecb9f;--c2:#e29acb;--c3:#e6bb3f;--published:#ff9149;\
        --plain:#a0aab4;--bars:#3d4751;--q0:#20272e;--q1:#1d3a54;--q2:#214d72;--q3:#28638f;--q4:#347dae;--q5:#4d98c9;\
        --q6:#74b3dc;--q7:#a0cdea;--q8:#d3e8f7;--under:#eef3f7;--over:#0c1116}}
        @media print{:root{--paper:#fff}nav,.save{display:none!important}figure{break-inside:avoid}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",\
        "Helvetica Neue","Noto Sans","DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
        main{max-width:924px;margin:0 auto;padding:48px 32px 64px}
        h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;margin:0 0 8px;font-weight:650}
        h2{font-size:22px;letter-spacing:-.01em;margin:64px 0 4px;padding-top:16px;border-top:1px solid var(--grid);\
        font-weight:650}
        h3{font-size:16px;margin:0 84px 14px 0;font-weight:620}
        p{margin:0 0 16px;color:var(--soft);max-width:46em}
        .lead{font-size:18px;margin-bottom:20px}
        nav{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:14px}
        a{color:var(--c0);text-decoration:none}a:hover,a:focus-visible{text-decoration:underline}
        .tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:22px 24px;margin:20px 0 32px}
        .tiles div{border-top:2px solid var(--grid);padding-top:10px}
        dt{font-size:13px;color:var(--soft)}dd{margin:0}
        .value{font-size:27px;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums;line-height:1.3}
        .detail{font-size:13px;color:var(--soft)}
        figure{margin:32px 0 44px;position:relative}
        .plot{overflow-x:auto}
        svg{display:block;width:100%;height:auto;overflow:visible;font-family:inherit}
        .narrow{display:none}
        figcaption{font-size:14px;color:var(--soft);margin-top:10px;max-width:54em}
        details{margin-top:8px;font-size:13px}summary{cursor:pointer;color:var(--soft)}
        summary:hover{color:var(--ink)}
        .table{overflow:auto;max-height:460px;margin-top:8px}
        .whole .table{max-height:none}.whole th:first-child{white-space:normal;min-width:13em}
        table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;min-width:60%}
        th,td{padding:4px 0 4px 15px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap;\
        font-weight:400}
        th:first-child{text-align:left;padding-left:0}
        thead th{color:var(--soft);position:sticky;top:0;background:var(--paper)}
        .sorts th{cursor:pointer;user-select:none}.sorts th:hover,.sorts th:focus-visible{color:var(--ink)}
        th[aria-sort=ascending]::after{content:" ↑"}th[aria-sort=descending]::after{content:" ↓"}
        .wrapped{white-space:pre-wrap;overflow-wrap:anywhere;max-height:460px}
        pre{font:12px/1.5 ui-monospace,"DejaVu Sans Mono",monospace;overflow:auto;color:var(--soft)}
        footer{margin-top:64px;padding-top:16px;border-top:1px solid var(--grid);font-size:14px}
        .save{position:absolute;right:0;top:0;font:13px inherit;font-family:inherit;color:var(--soft);background:none;\
        border:0;padding:2px 0;cursor:pointer}
        .save:hover{color:var(--c0)}
        text{fill:var(--ink);font-size:12px}
        .tick{fill:var(--soft);font-size:11.5px;font-variant-numeric:tabular-nums}
        .name{fill:var(--soft);font-size:12px}
        .label{font-size:12.5px}.strong{font-weight:600}
        .inside{font-size:11px;font-variant-numeric:tabular-nums}.over{fill:var(--over)}.under{fill:var(--under)}
        .grid{stroke:var(--grid);stroke-width:1}.axis{stroke:var(--line);stroke-width:1}
        .hair{stroke:var(--hair);stroke-width:1}
        .level{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:2 3}
        .s0{--c:var(--c0)}.s1{--c:var(--c1)}.s2{--c:var(--c2)}.s3{--c:var(--c3)}
        .published{--c:var(--published)}.plain{--c:var(--plain)}
        .dot,.solid{fill:var(--c)}.ring{fill:var(--paper);stroke:var(--c);stroke-width:1.6}
        .range{fill:var(--c);opacity:.32}.seed{fill:var(--c);opacity:.75}
        .stem{stroke:var(--c);stroke-width:2;opacity:.55}
        .curve{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}
        .thin{fill:none;stroke:var(--c);stroke-width:1.2;stroke-dasharray:4 3;opacity:.8}
        .fine{fill:none;stroke:var(--c);stroke-width:1.2;opacity:.75;stroke-linejoin:round}
        .dashes{stroke-dasharray:6 4;stroke-width:1.6}
        .tone{fill:var(--c)}
        .fill{fill:var(--c);fill-opacity:.28;stroke:var(--c);stroke-width:1.2}
        .bars{fill:var(--bars)}.track{fill:var(--hair)}
        .q0{fill:var(--q0)}.q1{fill:var(--q1)}.q2{fill:var(--q2)}.q3{fill:var(--q3)}.q4{fill:var(--q4)}\
        .q5{fill:var(--q5)}.q6{fill:var(--q6)}.q7{fill:var(--q7)}.q8{fill:var(--q8)}
        @media screen and (max-width:640px){main{padding:28px 16px 48px}.wide:not(:only-child){display:none}\
        .narrow{display:block}.table{max-height:none}td,th{white-space:normal;overflow-wrap:break-word}.cards td,.cards th{overflow-wrap:anywhere}\
        .cards table,.cards tbody{display:block;width:100%}.cards thead{display:block}\
        .cards thead tr{display:flex;flex-wrap:wrap;gap:0 14px}.cards thead th{border:0;padding:2px 0;min-width:0}\
        .cards tbody tr{display:block;border-bottom:1px solid var(--grid);padding:6px 0}\
        .cards tbody td,.cards tbody th{display:flex;justify-content:space-between;gap:12px;border:0;padding:1px 0;\
        min-width:0}.cards tbody th{font-weight:600}\
        .cards td::before{content:attr(data-name);color:var(--soft);text-align:left}\
        h1{font-size:28px}.value{font-size:24px}.tiles{grid-template-columns:1fr 1fr;gap:16px}}
        """

    /// Sorts the rows of a table by the column whose head is clicked: numbers as numbers, dashes last.
    private static let sorting = """
        for(const t of document.querySelectorAll('table')){const b=t.tBodies[0],h=t.tHead.rows[0];\
        if(b.rows.length<2)continue;t.classList.add('sorts');\
        const n=c=>{const s=c.textContent.replace(/[,\\s]/g,'').replace('−','-'),v=parseFloat(s.replace(/^[^\\d+.-]*/,''));\
        return /^[+-]?[\\d.]/.test(s)?v:NaN};\
        [...h.cells].forEach((c,i)=>{c.tabIndex=0;const g=()=>{const up=c.getAttribute('aria-sort')==='descending'||\
        (!c.hasAttribute('aria-sort')&&i===0);for(const o of h.cells)o.removeAttribute('aria-sort');\
        c.setAttribute('aria-sort',up?'ascending':'descending');[...b.rows].sort((p,q)=>{const x=p.cells[i],\
        y=q.cells[i],u=n(x),v=n(y);if(isNaN(u)!==isNaN(v))return isNaN(u)?1:-1;\
        const d=isNaN(u)?x.textContent.localeCompare(y.textContent):u-v;return up?d:-d}).forEach(r=>b.append(r))};\
        c.onclick=g;c.onkeydown=e=>{if(e.key==='Enter'||e.key===' '){e.preventDefault();g()}}})}
        """

    /// The page is complete without it.
    static let script = sorting + "\n" + saving

    /// Puts a button on each figure that saves it as an SVG file with all styles written out, as drawing programs
    /// and typesetters want it.
    private static let saving = """
        for(const f of document.querySelectorAll('figure')){const b=document.createElement('button');\
        b.className='save';b.textContent='Save SVG';b.onclick=()=>{const s=[...f.querySelectorAll('svg')].find(e=>e.getBoundingClientRect().width),c=s.cloneNode(true),\
        o=[s,...s.querySelectorAll('*')],n=[c,...c.querySelectorAll('*')];o.forEach((e,i)=>{const g=getComputedStyle(e);\
        for(const p of ['fill','fill-opacity','stroke','stroke-width','stroke-dasharray','stroke-linejoin','opacity',\
        'font-family','font-size','font-weight'])n[i].style.setProperty(p,g.getPropertyValue(p));\
        n[i].removeAttribute('class')});const v=s.viewBox.baseVal;c.setAttribute('width',v.width);\
        c.setAttribute('height',v.height);const a=document.createElement('a');\
        a.href=URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(c)],{type:'image/svg+xml'}));\
        a.download=f.id+'.svg';a.click()};f.append(b)}
        """
}
