extension HTMLPage {
    /// How the page looks: at most four films beside each other, one on a phone; tables scroll where they are too wide.
    static let style = """
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 2em auto; padding: 0 1em; color: #222 }
        h1 { font-size: 1.6em; margin-bottom: .3em }
        h2 { font-size: 1.25em; margin: 2em 0 .6em; padding-top: .6em; border-top: 1px solid #ccc }
        a { color: #1f5fa8 }
        nav { display: flex; flex-wrap: wrap; gap: .2em 1.4em; margin: .6em 0 1em }
        .result { font-size: 1.6em; margin: .3em 0 }
        .wide { overflow-x: auto; margin: 1em 0 }
        table { border-collapse: collapse; width: 100%; font-size: .95em }
        th, td { text-align: left; vertical-align: top; padding: .3em .7em; border-bottom: 1px solid #ddd }
        th { font-weight: 600 }
        .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
        td.hash { overflow-wrap: anywhere; font: .85em/1.7 ui-monospace, monospace }
        td svg { vertical-align: middle }
        .track { fill: #e8e8e8 } .interval { fill: #9bbbe0 } .mark { fill: #1f5fa8 }
        .gallery { display: grid; gap: 1.2em; margin: 1em 0 }
        .films { grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)) }
        .curves { grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)) }
        figure { margin: 0; min-width: 0; scroll-margin-top: 1em }
        figure:target { outline: 3px solid #9bbbe0; outline-offset: 4px }
        figcaption { font-size: .9em; line-height: 1.35; color: #444; margin-top: .3em; overflow-wrap: anywhere }
        .success { color: #00704f } .failure { color: #b3400a }
        img, video, canvas { display: block; width: 100%; height: auto; image-rendering: pixelated; background: #eee }
        video:has(+ canvas) { display: none }
        .curves svg { display: block; width: 100%; max-width: 560px; height: auto }
        pre { background: #f4f4f4; padding: .8em; overflow-x: auto; font-size: .85em }
        @media screen and (max-width: 600px) { table { font-size: .85em } th, td { padding: .25em .4em } }
        @media print {
          body { font-size: 10pt; max-width: none; margin: 0 } nav { display: none }
          .films { grid-template-columns: repeat(3, 1fr) } .curves { grid-template-columns: repeat(2, 1fr) }
          h2 { break-after: avoid } figure, tr { break-inside: avoid }
        }
        """

    /// Films run while they are seen, and show their controls to who points at them; without it they wait with controls.
    static let script = """
        const films = document.querySelectorAll('video')
        const still = matchMedia('(prefers-reduced-motion: reduce)').matches
        const seen = new IntersectionObserver(changes => {
          for (const change of changes) {
            if (change.isIntersecting) change.target.play().catch(() => {})
            else change.target.pause()
          }
        })
        for (const film of films) {
          if (still) continue
          film.controls = false
          film.addEventListener('pointerenter', () => { film.controls = true })
          film.addEventListener('pointerleave', () => { film.controls = false })
          seen.observe(film)
        }

        // on paper, the moment each film is at
        addEventListener('beforeprint', () => {
          for (const film of films) {
            if (film.readyState < 2) continue
            const moment = document.createElement('canvas');
            [moment.width, moment.height] = [film.videoWidth, film.videoHeight]
            moment.getContext('2d').drawImage(film, 0, 0)
            film.after(moment)
          }
        })
        addEventListener('afterprint', () => document.querySelectorAll('canvas').forEach(moment => moment.remove()))
        """
}
