"""What executes the attempts of jobs: each yields what it observes, and knows neither store nor page."""
